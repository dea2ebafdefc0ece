// Exact dot product of a row's integers and a column's signed bytes, two's complement throughout: products and one adder tree.
// Combinational.
module row_dot #(
  parameter int unsigned Lanes = 4,
  parameter int unsigned ValueWidth = 18,
  parameter int unsigned SumWidth = 26  // bits of the sum beside its sign
) (
  input  logic [Lanes*ValueWidth-1:0] value_i,
  input  logic [Lanes*8-1:0]          weight_i,
  output logic [SumWidth:0]           sum_o
);
  logic [Lanes*(SumWidth+1)-1:0] products;
  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic signed [ValueWidth-1:0] value;
    logic signed [7:0]            weight;
    logic signed [SumWidth:0]     product;
    assign value = value_i[l*ValueWidth +: ValueWidth];
    assign weight = weight_i[l*8 +: 8];
    assign product = value * weight;
    assign products[l*(SumWidth+1) +: SumWidth+1] = product;
  end
  always_comb begin : add_lanes
    sum_o = '0;
    for (int unsigned l = 0; l < Lanes; l++) sum_o = sum_o + products[l*(SumWidth+1) +: SumWidth+1];
  end
endmodule
