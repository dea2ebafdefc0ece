// Gives a_i + b_i modulo 2^Width. It is combinational.
module integer_add #(
  parameter bit [31:0] Width = 8
) (
  input  logic [Width-1:0] a_i,
  input  logic [Width-1:0] b_i,
  output logic [Width-1:0] result_o
);
  assign result_o = a_i + b_i;
endmodule
