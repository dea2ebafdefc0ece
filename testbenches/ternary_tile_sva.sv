// Assertions of ternary_tile for Verilator: the column accumulators move in lock-step, the queues of side data never overflow or
// run dry.
module scale_and_sum_sva #(
  parameter int unsigned Columns = 1
) (
  input logic               clk_i,
  input logic               rst_ni,
  input logic [Columns-1:0] col_in_ready,
  input logic [Columns-1:0] col_out_valid
);
  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      columns_in_step : assert ((&col_in_ready || !(|col_in_ready)) && (&col_out_valid || !(|col_out_valid)))
        else $error("column accumulators out of step");
    end
  end
endmodule

module meta_queue_sva (
  input logic       clk_i,
  input logic       rst_ni,
  input logic       push_i,
  input logic       pop_i,
  input logic [1:0] count_q
);
  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      no_overflow : assert (!(push_i && !pop_i && count_q == 2'd2)) else $error("side data queue overflows");
      no_underflow : assert (!(pop_i && count_q == 2'd0)) else $error("side data queue runs dry");
    end
  end
endmodule

bind ternary_tile stream_sva #(.InWidth($bits(in_data_i)), .OutWidth($bits(out_data_o))) u_stream_sva (.*);
bind scale_and_sum scale_and_sum_sva #(.Columns($bits(col_in_ready))) u_sva (.*);
bind meta_queue meta_queue_sva u_sva (.*);
