// Gives the five two-bit codes of a byte (ARITHMETIC.md 6). The byte is a fraction in 1/256; three times it has a code
// as its integer and the fraction of the next code below. It is combinational, with five adders in a row. Codes are 0 1
// 2 for every byte, of which the first is lowest.
module ternary5_decode (
  input  logic [7:0] byte_i,
  output logic [9:0] codes_o
);
  logic [7:0] fraction;
  logic [9:0] tripled;
  always_comb begin
    fraction = byte_i;
    for (int unsigned n = 0; n < 5; n++) begin
      tripled = {1'b0, fraction, 1'b0} + {2'b00, fraction};
      codes_o[2*n +: 2] = tripled[9:8];
      fraction = tripled[7:0];
    end
  end
endmodule
