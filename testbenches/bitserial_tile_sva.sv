// Assertions of bitserial_tile for Verilator: all PEs move in lock-step.
module bitserial_tile_sva #(
  parameter int unsigned Instances = 1
) (
  input logic                 clk_i,
  input logic                 rst_ni,
  input logic [Instances-1:0] pe_in_ready,
  input logic [Instances-1:0] pe_out_valid
);
  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      pes_in_step : assert ((&pe_in_ready || !(|pe_in_ready)) && (&pe_out_valid || !(|pe_out_valid)))
        else $error("PEs out of step");
    end
  end
endmodule

bind bitserial_tile bitserial_tile_sva #(.Instances($bits(pe_in_ready))) u_sva (.*);
