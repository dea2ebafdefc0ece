// Gives the whole product of two unsigned integers. It is combinational and left to the synthesis tool, as `*`.
module integer_multiply #(
  parameter bit [31:0] Width = 8
) (
  input  logic [Width-1:0]   a_i,
  input  logic [Width-1:0]   b_i,
  output logic [2*Width-1:0] result_o
);
  assign result_o = (2 * Width)'(a_i) * (2 * Width)'(b_i);
endmodule
