// Rounds product * 2^(exponent - 50) to FP32 (ARITHMETIC.md 4), 0 to +0, nonfinite to 0x7FC00000. It is combinational.
module fp32_from_fixed #(
  parameter bit [31:0] Width = 32
) (
  input  logic [Width-1:0]  product_i,  // two's complement
  input  logic signed [8:0] exponent_i,
  input  logic              nonfinite_i,
  output logic [31:0]       value_o
);
  localparam bit [31:0] CountWidth = $clog2(Width + 1);
  localparam bit [31:0] FieldWidth = (Width < 26) ? 26 : Width;

  logic negative;
  logic [Width-1:0] magnitude, normalised;
  logic [CountWidth-1:0] zeros;
  logic [FieldWidth-1:0] field;
  assign negative = product_i[Width-1];
  assign magnitude = negative ? -product_i : product_i;
  leading_zeros #(.Width(Width)) u_zeros (.data_i(magnitude), .count_o(zeros));
  assign normalised = magnitude << zeros;
  assign field = FieldWidth'(normalised) << (FieldWidth - Width);

  logic [25:0] significand;
  if (FieldWidth > 26) begin : gen_sticky
    assign significand = {field[FieldWidth-1 -: 25], |field[FieldWidth-26:0]};
  end else begin : gen_exact
    assign significand = field;
  end

  // The biased exponent is (bit length - 1) + exponent - 50 + 127.
  logic signed [10:0] biased;
  assign biased = 11'(exponent_i) + 11'(Width + 76) - 11'(zeros);

  logic [31:0] rounded;
  fp32_round u_round (
    .negative_i(negative), .exponent_i(biased), .significand_i(significand), .value_o(rounded));
  assign value_o = nonfinite_i ? 32'h7FC00000 : (product_i == '0) ? 32'd0 : rounded;
endmodule
