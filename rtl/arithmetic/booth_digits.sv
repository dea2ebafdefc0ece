// Gives the radix-4 digits of a signed byte (Booth, modified by MacSorley): byte = sum of digit_j 4^j, digit in -2..2
// as {negative, two, one}. It is done once per column, so that a PE adds half as many rows. It is combinational.
module booth_digits (
  input  logic [7:0]  weight_i,
  output logic [11:0] digit_o
);
  logic [8:0] bits;
  assign bits = {weight_i, 1'b0};
  for (genvar j = 0; j < 4; j++) begin : gen_digit
    logic high, middle, low;
    assign {high, middle, low} = bits[2*j +: 3];
    // 111 is written as a negative zero, which adds up to zero as well.
    assign digit_o[3*j +: 3] = {high, (high && !middle && !low) || (!high && middle && low), middle ^ low};
  end
endmodule
