// Multiplies a block scale (fp4_scale) by an FP32 number written before, and rounds to FP32: {nan_o (also infinity),
// exponent_o = its field or 1, significand_o with the hidden bit}. Underflow = 0: a product below 2^-126 is 0.
module fp4_tensor_scale #(
  parameter bit [31:0] Underflow = 1
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        write_i,
  input  logic [30:0] data_i,
  input  logic        nan_i,
  input  logic [7:0]  exponent_i,
  input  logic [3:0]  significand_i,
  output logic        nan_o,
  output logic [7:0]  exponent_o,
  output logic [23:0] significand_o
);
  logic               nonfinite;
  logic signed [10:0] factor_exp;
  logic [23:0]        factor;
  fp4_factor u_factor (
    .clk_i(clk_i), .rst_ni(rst_ni), .write_i(write_i), .data_i(data_i),
    .nonfinite_o(nonfinite), .exponent_o(factor_exp), .significand_o(factor));

  logic [27:0]        product, normalised;
  logic signed [10:0] exponent;
  logic               zero;
  assign product = 28'(significand_i) * 28'(factor);
  assign normalised = product[27] ? product : product << 1;
  assign exponent = 11'(exponent_i) + factor_exp - 11'sd127 + 11'(product[27]);
  assign zero = !significand_i[3] || !factor[23] || (Underflow == 0 && exponent < 11'sd1);

  logic [7:0]  field;
  logic [22:0] fraction;
  if (Underflow != 0) begin : gen_underflow
    logic [31:0] rounded;
    fp32_round u_round (
      .negative_i(1'b0), .exponent_i(exponent), .significand_i({normalised[27:3], |normalised[2:0]}),
      .value_o(rounded));
    assign field = rounded[30:23];
    assign fraction = rounded[22:0];

    logic unused_sign;
    assign unused_sign = rounded[31];
  end else begin : gen_normal
    logic [32:0] rounded;  // a carry out of the fraction enters the exponent
    assign rounded = {exponent[9:0], normalised[26:4]} + 33'(normalised[3] && (|normalised[2:0] || normalised[4]));
    assign field = (rounded[32:23] >= 10'd255) ? 8'hFF : rounded[30:23];
    assign fraction = rounded[22:0];

    logic unused_hidden;
    assign unused_hidden = normalised[27];
  end
  assign nan_o = nan_i || nonfinite || (!zero && (field == 8'hFF));
  assign exponent_o = (zero || (field == 8'd0)) ? 8'd1 : field;
  assign significand_o = zero ? 24'd0 : {field != 8'd0, fraction};
endmodule
