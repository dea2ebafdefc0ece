// Assertions of dequant_mac_tile for Verilator: the columns' dequantizers keep step with the activations beside them.
module dequant_mac_tile_sva #(
  parameter int unsigned Cols = 1
) (
  input logic            clk_i,
  input logic            rst_ni,
  input logic            in_ready_o,
  input logic            weights_valid,
  input logic [Cols-1:0] column_ready,
  input logic [Cols-1:0] column_valid
);
  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      columns_in_step : assert (column_ready == {Cols{in_ready_o}} && column_valid == {Cols{weights_valid}})
        else $error("a column out of step with the activations");
    end
  end
endmodule

bind dequant_mac_tile dequant_mac_tile_sva #(.Cols($bits(column_ready))) u_sva (.*);
