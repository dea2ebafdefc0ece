// Rounds sum * 2^(scale + Offset) to FP32 (ARITHMETIC.md 10): nearest even, gradual underflow, overflow to Inf; a zero
// sum is +0. nan_i, then infinite_i of sign negative_i, go before the sum. It is combinational.
module fp32_from_block #(
  parameter bit [31:0] Width = 42,
  parameter int Offset = -272,
  parameter bit [31:0] ScaleWidth = 10
) (
  input  logic [Width-1:0]      sum_i,  // two's complement, not the most negative number
  input  logic [ScaleWidth-1:0] scale_i,
  input  logic                  nan_i,
  input  logic                  infinite_i,
  input  logic                  negative_i,
  output logic [31:0]           value_o
);
  localparam bit [31:0] MagWidth = Width - 1;
  localparam bit [31:0] CountWidth = $clog2(MagWidth);
  localparam bit [31:0] FieldWidth = (MagWidth < 26) ? 26 : MagWidth;

  logic negative;
  logic [MagWidth-1:0] magnitude, normalised;
  logic [CountWidth-1:0] zeros;
  logic [FieldWidth-1:0] field;
  assign negative = sum_i[Width-1];
  assign magnitude = negative ? -sum_i[MagWidth-1:0] : sum_i[MagWidth-1:0];
  normalise #(.Width(MagWidth)) u_normalise (.data_i(magnitude), .normalised_o(normalised), .zeros_o(zeros));
  assign field = FieldWidth'(normalised) << (FieldWidth - MagWidth);

  logic [25:0] significand;
  if (FieldWidth > 26) begin : gen_sticky
    assign significand = {field[FieldWidth-1 -: 25], |field[FieldWidth-26:0]};
  end else begin : gen_short
    assign significand = field;
  end

  // The biased exponent is the place of the top bit, plus the scale, plus 127.
  localparam logic signed [10:0] Bias = 11'(MagWidth + 126) + 11'(Offset);
  logic signed [10:0] biased;
  logic [31:0] rounded;
  assign biased = $signed(11'(scale_i)) + Bias - $signed(11'(zeros));
  fp32_round u_round (
    .negative_i(negative), .exponent_i(biased), .significand_i(significand), .value_o(rounded));

  always_comb begin
    if (nan_i) value_o = 32'h7FC00000;
    else if (infinite_i) value_o = {negative_i, 8'hFF, 23'd0};
    else if (!normalised[MagWidth-1]) value_o = 32'd0;
    else value_o = rounded;
  end
endmodule
