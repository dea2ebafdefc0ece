// One step of Horner's scheme over bit planes (ARITHMETIC.md 7): P' = 2 P + S, where S is the sum of the lanes'
// integers, each subtracted where the plane's bit is 0; P is left out in the first plane. P is sign and magnitude, all
// else two's complement. It is combinational; negation is a ones' complement whose carry enters the one adder tree.
module plane_dot #(
  parameter bit [31:0] Lanes = 4,
  parameter bit [31:0] ValueWidth = 18,
  parameter bit [31:0] SumWidth = 27  // bits of |P|
) (
  input  logic                        first_i,
  input  logic                        negative_i,
  input  logic [SumWidth-1:0]         magnitude_i,
  input  logic [Lanes*ValueWidth-1:0] value_i,
  input  logic [Lanes-1:0]            plane_i,
  output logic [SumWidth:0]           sum_o
);
  logic              negative;  // P < 0 and it counts: -2 m = 2 ~m + 1 + 1
  logic [SumWidth:0] doubled;
  assign negative = negative_i && !first_i;
  assign doubled = first_i ? '0 : {magnitude_i ^ {SumWidth{negative_i}}, negative_i};

  logic [Lanes-1:0]              subtracted;
  logic [Lanes*(SumWidth+1)-1:0] operands;
  assign subtracted = ~plane_i;
  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic signed [ValueWidth-1:0] value;
    assign value = value_i[l*ValueWidth +: ValueWidth];
    assign operands[l*(SumWidth+1) +: SumWidth+1] = (SumWidth+1)'(value) ^ {(SumWidth+1){subtracted[l]}};
  end
  always_comb begin : add_lanes
    sum_o = doubled + (SumWidth+1)'(negative);
    for (int unsigned l = 0; l < Lanes; l++) begin
      sum_o = sum_o + operands[l*(SumWidth+1) +: SumWidth+1] + (SumWidth+1)'(subtracted[l]);
    end
  end
endmodule
