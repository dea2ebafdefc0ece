// Assertions of scale_and_sum for Verilator: the column accumulators move in lock-step.
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

bind scale_and_sum scale_and_sum_sva #(.Columns($bits(col_in_ready))) u_sva (.*);
