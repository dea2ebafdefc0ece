// Says what a five-bit code of four weights with one zero (ARITHMETIC.md 6) asks of ternary_dot: which lane each of
// three operands is, and which are subtracted. It is combinational, once per column for all rows. Operand 0 is lane 0,
// 1 is lane 2, and 2 is lane 3; with skip_o[i] it is lane 1, 1 or 2 instead.
module ternary_dot_select (
  // It is {first sign, place of the zero x2, third sign relative to the first, second sign relative to the first}.
  input  logic [4:0] code_i,
  output logic [2:0] skip_o,
  output logic [2:0] negative_o
);
  logic       first, second, third;
  logic [1:0] place;
  assign {first, place, third, second} = code_i;
  assign skip_o = {place == 2'd3, place[1], place == 2'd0};
  assign negative_o = {first ^ third, first ^ second, first};
endmodule
