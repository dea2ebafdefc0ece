// Proof harness of arithmetic/fp32_from_scaled at `WIDTH bits of sum: FP32 holds sum * significands * 2^(exponents +
// Offset) as it is, for every sum, every eight-bit product of significands (the scales' are at most 225) and every sum
// of exponents. There is no normaliser here: the output's significand must be the product, shifted by what the output's
// exponent says, and be normal. `trigger_o` = 1 is a wrong or lost bit,
// `checked_o` = 1 a compared product that is not zero.
module fp32_from_scaled_formal (
  input  logic [`WIDTH-1:0] sum_i,
  input  logic [7:0]        significands_i,
  input  logic [4:0]        exponents_i,
  input  logic              nan_i,
  output logic              trigger_o,
  output logic              checked_o
);
  localparam int signed Offset = -22;
  logic [31:0] value;
  fp32_from_scaled #(.Width(`WIDTH), .Offset(Offset)) u_dut (
    .sum_i(sum_i), .significands_i(significands_i), .exponents_i(exponents_i), .nan_i(nan_i), .value_o(value));

  logic negative;
  logic [`WIDTH-2:0] magnitude;
  logic [47:0] product;
  assign negative = sum_i[`WIDTH-1];
  assign magnitude = negative ? -sum_i[`WIDTH-2:0] : sum_i[`WIDTH-2:0];
  assign product = 48'(magnitude) * 48'(significands_i);

  // {1, fraction} 2^(exponent - 150) = product 2^(exponents + Offset).
  logic [9:0] shift;
  logic exact;
  assign shift = 10'(exponents_i) + 10'(150 + Offset) - 10'(value[30:23]);
  assign exact = shift < 10'd24 && (product << shift[4:0]) == {24'd0, 1'b1, value[22:0]} && value[31] == negative &&
                 value[30:23] != 8'd0 && value[30:23] != 8'd255;

  logic legal;
  assign legal = sum_i != {1'b1, {(`WIDTH-1){1'b0}}};
  assign checked_o = legal && !nan_i && product != 48'd0;
  always_comb begin
    if (nan_i) trigger_o = value != 32'h7FC00000;
    else if (product == 48'd0) trigger_o = value != 32'd0;
    else trigger_o = legal && !exact;
  end
endmodule
