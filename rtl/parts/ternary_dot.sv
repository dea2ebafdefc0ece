// The exact dot product of integers and ternary weights without a multiplier, in two's complement. It is combinational;
// negation is a ones' complement whose carry enters the one adder tree. Sparse = 1 takes, per four lanes, {negative x3,
// skip x3} of ternary_dot_select, which are three selected operands. Sparse = 0 takes, per lane, {negative, nonzero}
// with negative clear beside nonzero = 0.
module ternary_dot #(
  parameter bit [31:0] Sparse = 1,
  parameter bit [31:0] Lanes = 4,
  parameter bit [31:0] ValueWidth = 18,
  parameter bit [31:0] SumWidth = 19,  // bits of the sum beside its sign
  localparam bit [31:0] WeightWidth = (Sparse != 0) ? Lanes / 4 * 6 : Lanes * 2
) (
  input  logic [Lanes*ValueWidth-1:0] value_i,
  input  logic [WeightWidth-1:0]      weight_i,
  output logic [SumWidth:0]           sum_o
);
  localparam bit [31:0] Operands = (Sparse != 0) ? Lanes / 4 * 3 : Lanes;
  logic [Operands-1:0]              negative;
  logic [Operands*(SumWidth+1)-1:0] operands;

  if (Sparse != 0) begin : gen_sparse
    for (genvar o = 0; o < Operands; o++) begin : gen_operand
      localparam bit [31:0] Group = o / 3;
      localparam bit [31:0] Lane = Group * 4 + ((o % 3 == 0) ? 0 : o % 3 + 1);     // 0, 2, 3
      localparam bit [31:0] Other = Group * 4 + ((o % 3 == 0) ? 1 : o % 3);        // 1, 1, 2
      logic                         skip;
      logic signed [ValueWidth-1:0] selected;
      assign skip = weight_i[Group*6+o%3];
      assign negative[o] = weight_i[Group*6+3+o%3];
      assign selected = skip ? value_i[Other*ValueWidth +: ValueWidth] : value_i[Lane*ValueWidth +: ValueWidth];
      assign operands[o*(SumWidth+1) +: SumWidth+1] = (SumWidth+1)'(selected) ^ {(SumWidth+1){negative[o]}};
    end
  end else begin : gen_dense
    for (genvar o = 0; o < Operands; o++) begin : gen_operand
      logic signed [ValueWidth-1:0] kept;
      assign negative[o] = weight_i[2*o+1];
      assign kept = weight_i[2*o] ? value_i[o*ValueWidth +: ValueWidth] : '0;
      assign operands[o*(SumWidth+1) +: SumWidth+1] = (SumWidth+1)'(kept) ^ {(SumWidth+1){negative[o]}};
    end
  end

  always_comb begin : add_operands
    sum_o = '0;
    for (int unsigned o = 0; o < Operands; o++) begin
      sum_o = sum_o + operands[o*(SumWidth+1) +: SumWidth+1] + (SumWidth+1)'(negative[o]);
    end
  end
endmodule
