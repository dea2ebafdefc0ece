// Gives the four trits of a five-bit code (ARITHMETIC.md 6) in ten gates. It is combinational. code_i is {first sign,
// place of the zero x2, 3rd sign relative to the first, 2nd sign relative to the first}. nonzero_o is 0 at the place of
// the zero, where negative_o means nothing; who needs zeros clean masks it.
module ternary34_decode (
  input  logic [4:0] code_i,
  output logic [3:0] nonzero_o,
  output logic [3:0] negative_o
);
  logic       first, second, third;  // second and third: relative to the first
  logic [1:0] place;
  assign {first, place, third, second} = code_i;
  assign nonzero_o = {~(place[1] & place[0]), ~(place[1] & ~place[0]), ~(~place[1] & place[0]), place[1] | place[0]};
  assign negative_o[0] = first;
  assign negative_o[1] = first ^ (second & place[1]);
  assign negative_o[2] = first ^ (place[1] ? third : second);
  assign negative_o[3] = first ^ third;
endmodule
