// Multiplies IEEE 754 binary32, rounds to nearest even, keeps subnormals; every NaN is 0x7FC00000. It is combinational.
module fp32_mul (
  input  logic [31:0] a_i,
  input  logic [31:0] b_i,
  output logic [31:0] product_o
);
  logic negative, a_zero, b_zero, a_special, b_special, nan;
  assign negative = a_i[31] ^ b_i[31];
  assign a_zero = (a_i[30:0] == 31'd0);
  assign b_zero = (b_i[30:0] == 31'd0);
  assign a_special = (a_i[30:23] == 8'hFF);
  assign b_special = (b_i[30:23] == 8'hFF);
  assign nan = (a_special && (a_i[22:0] != 23'd0)) || (b_special && (b_i[22:0] != 23'd0)) ||
               (a_special && b_zero) || (b_special && a_zero);

  // Significands are normalised to 24 bits; exponents are below 1 for subnormals.
  logic [23:0] a_raw, b_raw, a_sig, b_sig;
  logic [4:0] a_zeros, b_zeros;
  logic signed [10:0] a_exp, b_exp, exponent;
  assign a_raw = {a_i[30:23] != 8'd0, a_i[22:0]};
  assign b_raw = {b_i[30:23] != 8'd0, b_i[22:0]};
  leading_zeros #(.Width(24)) u_a_zeros (.data_i(a_raw), .count_o(a_zeros));
  leading_zeros #(.Width(24)) u_b_zeros (.data_i(b_raw), .count_o(b_zeros));
  assign a_sig = a_raw << a_zeros;
  assign b_sig = b_raw << b_zeros;
  assign a_exp = ((a_i[30:23] == 8'd0) ? 11'sd1 : 11'(a_i[30:23])) - 11'(a_zeros);
  assign b_exp = ((b_i[30:23] == 8'd0) ? 11'sd1 : 11'(b_i[30:23])) - 11'(b_zeros);

  logic [47:0] product, normalised;
  assign product = 48'(a_sig) * 48'(b_sig);
  assign normalised = product[47] ? product : product << 1;
  assign exponent = a_exp + b_exp - 11'sd127 + 11'(product[47]);

  logic [31:0] rounded;
  fp32_round u_round (
    .negative_i(negative), .exponent_i(exponent), .significand_i({normalised[47:23], |normalised[22:0]}),
    .value_o(rounded));
  always_comb begin
    if (nan) product_o = 32'h7FC00000;
    else if (a_special || b_special) product_o = {negative, 8'hFF, 23'd0};
    else if (a_zero || b_zero) product_o = {negative, 31'd0};
    else product_o = rounded;
  end
endmodule
