// Rounds a normalised significand to IEEE 754 binary32 (nearest, ties to even; gradual underflow; overflow to Inf).
// significand_i is {24 bits, rounding bit, sticky bit} with a top bit of 1; exponent_i is the biased exponent, which
// may be below 1 or above 254. It is combinational.
module fp32_round (
  input  logic               negative_i,
  input  logic signed [10:0] exponent_i,
  input  logic [25:0]        significand_i,
  output logic [31:0]        value_o
);
  logic subnormal;
  logic signed [10:0] below;
  logic [4:0] amount;
  assign subnormal = exponent_i < 11'sd1;
  assign below = 11'sd1 - exponent_i;
  assign amount = !subnormal ? 5'd0 : (below > 11'sd31) ? 5'd31 : below[4:0];

  logic [25:0] field;
  jam_shift #(.Width(26), .AmountWidth(5)) u_shift (.data_i(significand_i), .amount_i(amount), .data_o(field));

  logic round_up;
  logic [32:0] rounded;  // 10 exponent bits, 23 fraction bits: a carry out of the fraction enters the exponent
  assign round_up = field[1] && (field[0] || field[2]);
  assign rounded = {subnormal ? 10'd0 : exponent_i[9:0], field[24:2]} + 33'(round_up);
  assign value_o = (rounded[32:23] >= 10'd255) ? {negative_i, 8'hFF, 23'd0} : {negative_i, rounded[30:0]};

  logic unused_hidden;
  assign unused_hidden = field[25];
endmodule
