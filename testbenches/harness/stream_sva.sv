// Asserts what every unit's streams promise (DESIGN): data are held while valid and not ready, and nothing is asserted
// out of reset. The input side is checked too, because it is what the bench owes the unit. It is for Verilator only;
// one instance stands in every bench top (bench_top.cpp).
module stream_sva #(
  parameter int unsigned InWidth = 1,
  parameter int unsigned OutWidth = 1,
  parameter bit OutFollowsInput = 1'b0  // out_valid is combinational from in_valid
) (
  input logic                clk_i,
  input logic                rst_ni,
  input logic                in_valid_i,
  input logic                in_ready_o,
  input logic [InWidth-1:0]  in_data_i,
  input logic                out_valid_o,
  input logic                out_ready_i,
  input logic [OutWidth-1:0] out_data_o
);
  // It has registers and immediate checks, which Verilator 5.006 evaluates several times faster than $past.
  logic                in_waiting_q, out_waiting_q, reset_q;
  logic [InWidth-1:0]  in_data_q;
  logic [OutWidth-1:0] out_data_q;
  initial begin
    in_waiting_q = 1'b0;
    out_waiting_q = 1'b0;
    reset_q = 1'b0;
  end
  always_ff @(posedge clk_i) begin
    reset_q <= !rst_ni;
    in_waiting_q <= rst_ni && in_valid_i && !in_ready_o;
    out_waiting_q <= rst_ni && out_valid_o && !out_ready_i;
    if (in_valid_i && !in_ready_o) in_data_q <= in_data_i;
    if (out_valid_o && !out_ready_i) out_data_q <= out_data_o;

    if (rst_ni) begin
      input_stays_valid : assert (!in_waiting_q || in_valid_i) else $error("in_valid_i fell before in_ready_o");
      input_stays_equal : assert (!in_waiting_q || in_data_i == in_data_q)
        else $error("in_data_i changed while waiting");
      output_stays_valid : assert (!out_waiting_q || out_valid_o) else $error("out_valid_o fell before out_ready_i");
      output_stays_equal : assert (!out_waiting_q || out_data_o == out_data_q)
        else $error("out_data_o changed while waiting");
      quiet_after_reset : assert (!reset_q || !out_valid_o || OutFollowsInput) else $error("out_valid_o out of reset");
    end
  end
endmodule
