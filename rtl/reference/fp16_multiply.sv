// Multiplies IEEE 754 binary16, nearest even, subnormals kept; every NaN is 0x7E00. It is combinational.
module fp16_multiply (
  input  logic [15:0] a_i,
  input  logic [15:0] b_i,
  output logic [15:0] result_o
);
  logic negative, a_zero, b_zero, a_special, b_special, nan;
  assign negative = a_i[15] ^ b_i[15];
  assign a_zero = (a_i[14:0] == 15'd0);
  assign b_zero = (b_i[14:0] == 15'd0);
  assign a_special = (a_i[14:10] == 5'h1F);
  assign b_special = (b_i[14:10] == 5'h1F);
  assign nan = (a_special && (a_i[9:0] != 10'd0)) || (b_special && (b_i[9:0] != 10'd0)) ||
               (a_special && b_zero) || (b_special && a_zero);

  // These are the zeros above the first 1, which are 11 for zero, whose product does not count.
  function automatic logic [3:0] zeros(input logic [10:0] value);
    zeros = 4'd11;
    for (int unsigned i = 0; i < 11; i++) begin
      if (value[i]) zeros = 4'(10 - i);
    end
  endfunction

  // Significands are normalised to 11 bits; exponents are below 1 for subnormals.
  logic [10:0] a_raw, b_raw, a_sig, b_sig;
  logic [3:0] a_zeros, b_zeros;
  logic signed [6:0] a_exp, b_exp, exponent;
  assign a_raw = {a_i[14:10] != 5'd0, a_i[9:0]};
  assign b_raw = {b_i[14:10] != 5'd0, b_i[9:0]};
  assign a_zeros = zeros(a_raw);
  assign b_zeros = zeros(b_raw);
  assign a_sig = a_raw << a_zeros;
  assign b_sig = b_raw << b_zeros;
  assign a_exp = ((a_i[14:10] == 5'd0) ? 7'sd1 : 7'(a_i[14:10])) - 7'(a_zeros);
  assign b_exp = ((b_i[14:10] == 5'd0) ? 7'sd1 : 7'(b_i[14:10])) - 7'(b_zeros);

  logic [21:0] product, normalised;
  assign product = 22'(a_sig) * 22'(b_sig);
  assign normalised = product[21] ? product : product << 1;
  assign exponent = a_exp + b_exp - 7'sd15 + 7'(product[21]);

  // These are {11 bits, rounding bit, sticky bit}, which are shifted right where the result is subnormal.
  logic subnormal;
  logic [6:0] below;
  logic [3:0] amount;
  logic [12:0] significand, field, lost;
  assign subnormal = exponent < 7'sd1;
  assign below = 7'(7'sd1 - exponent);
  assign amount = !subnormal ? 4'd0 : (below > 7'd13) ? 4'd13 : below[3:0];
  assign significand = {normalised[21:10], |normalised[9:0]};
  assign lost = significand & ~(13'h1FFF << amount);
  assign field = (significand >> amount) | 13'(|lost);

  logic round_up;
  logic [16:0] rounded;  // 7 exponent bits, 10 fraction bits: a carry out of the fraction enters the exponent
  assign round_up = field[1] && (field[0] || field[2]);
  assign rounded = {subnormal ? 7'd0 : exponent, field[11:2]} + 17'(round_up);

  always_comb begin
    if (nan) result_o = 16'h7E00;
    else if (a_special || b_special) result_o = {negative, 15'h7C00};
    else if (a_zero || b_zero) result_o = {negative, 15'd0};
    else if (rounded[16:10] >= 7'd31) result_o = {negative, 15'h7C00};
    else result_o = {negative, rounded[14:0]};
  end

  logic unused_hidden;
  assign unused_hidden = field[12];
endmodule
