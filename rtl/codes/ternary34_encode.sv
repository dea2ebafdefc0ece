// Gives the five-bit code of four trits with exactly one zero (ARITHMETIC.md 6). It is combinational. error_o is 1 for
// any other number of zeros; code_o then means nothing. negative_i beside nonzero_i = 0 is ignored.
module ternary34_encode (
  input  logic [3:0] nonzero_i,
  input  logic [3:0] negative_i,
  output logic [4:0] code_o,
  output logic       error_o
);
  logic [1:0] place;
  logic       first, second, third;
  assign place = {~nonzero_i[3] | ~nonzero_i[2], ~nonzero_i[3] | ~nonzero_i[1]};
  assign first = nonzero_i[0] ? negative_i[0] : negative_i[1];
  assign second = place[1] ? negative_i[1] : negative_i[2];
  assign third = nonzero_i[3] ? negative_i[3] : negative_i[2];
  assign code_o = {first, place, first ^ third, first ^ second};

  // It is right when one half has one zero and the other has none.
  logic odd_low, odd_high, both_low, both_high;
  assign odd_low = nonzero_i[1] ^ nonzero_i[0];
  assign odd_high = nonzero_i[3] ^ nonzero_i[2];
  assign both_low = nonzero_i[1] & nonzero_i[0];
  assign both_high = nonzero_i[3] & nonzero_i[2];
  assign error_o = ~((odd_low & both_high) | (odd_high & both_low));
endmodule
