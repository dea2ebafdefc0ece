// Gives sum * significands * 2^(exponents + Offset) as FP32 (ARITHMETIC.md 10), normalised and never rounded. The
// product has at most Width - 1 + 8 bits of magnitude, 24 or fewer at Width <= 17, and a normal number's exponent: FP32
// holds it as it is (tests/formal/fp32_from_scaled_formal.sv). 0 is +0; nan_i gives NaN. It is combinational.
module fp32_from_scaled #(
  parameter bit [31:0] Width = 13,
  parameter int Offset = -22
) (
  input  logic [Width-1:0] sum_i,  // two's complement, not the most negative number
  input  logic [7:0]       significands_i,
  input  logic [4:0]       exponents_i,
  input  logic             nan_i,
  output logic [31:0]      value_o
);
  localparam bit [31:0] MagWidth = Width + 7;

  logic negative;
  logic [Width-2:0] magnitude;
  logic [MagWidth-1:0] product, normalised;
  logic [$clog2(MagWidth)-1:0] zeros;
  assign negative = sum_i[Width-1];
  assign magnitude = negative ? -sum_i[Width-2:0] : sum_i[Width-2:0];
  assign product = MagWidth'(magnitude) * MagWidth'(significands_i);
  normalise #(.Width(MagWidth)) u_normalise (.data_i(product), .normalised_o(normalised), .zeros_o(zeros));

  logic [7:0] biased;
  assign biased = 8'(exponents_i) + 8'(MagWidth + 126) + 8'(Offset) - 8'(zeros);
  always_comb begin
    if (nan_i) value_o = 32'h7FC00000;
    else if (!normalised[MagWidth-1]) value_o = 32'd0;
    else value_o = {negative, biased, normalised[MagWidth-2:0], {(24-MagWidth){1'b0}}};
  end
endmodule
