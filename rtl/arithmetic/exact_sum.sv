// Adds the lanes' products as fixed-point numbers of weight 2^(1-25), modulo 2^SumWidth: "Exact mode", ARITHMETIC.md
// section 2. It is combinational.
module exact_sum #(
  parameter bit [31:0] Lanes = 4,
  parameter bit [31:0] ExpWidth = 6,
  parameter bit [31:0] SumWidth = 64
) (
  input  logic [Lanes-1:0]          live_i,
  input  logic [Lanes-1:0]          negative_i,
  input  logic [Lanes*ExpWidth-1:0] exponent_i,
  input  logic [Lanes*11-1:0]       mantissa_i,
  output logic [SumWidth-1:0]       sum_o
);
  logic [Lanes*SumWidth-1:0] product;
  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic [ExpWidth-1:0] amount;
    assign amount = exponent_i[l*ExpWidth +: ExpWidth] - ExpWidth'(1);
    assign product[l*SumWidth +: SumWidth] =
        live_i[l] ? SumWidth'(mantissa_i[l*11 +: 11]) << amount : '0;
  end
  always_comb begin : add_lanes
    sum_o = '0;
    for (int unsigned l = 0; l < Lanes; l++) begin
      if (negative_i[l]) sum_o = sum_o - product[l*SumWidth +: SumWidth];
      else sum_o = sum_o + product[l*SumWidth +: SumWidth];
    end
  end
endmodule
