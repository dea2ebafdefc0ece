// Rounds ±(half_units_i / 2) * significand_i 2^(exponent_i - 127 - (SigWidth-1)) to FP16 or BF16: nearest even,
// subnormals and the sign of zeros kept, saturating; NaN with nan_i. The significand is that of an FP32 number (its top
// bit is 0 only with exponent_i = 1). It is combinational.
module fp4_value #(
  parameter bit [31:0] SigWidth = 24,
  parameter bit [31:0] Bf16 = 0
) (
  input  logic                negative_i,
  input  logic [4:0]          half_units_i,
  input  logic                nan_i,
  input  logic [7:0]          exponent_i,
  input  logic [SigWidth-1:0] significand_i,
  output logic [15:0]         value_o
);
  localparam bit [31:0] Precision = (Bf16 != 0) ? 8 : 11;
  localparam bit [31:0] ExpWidth = 16 - Precision;
  localparam logic signed [9:0] Rebias = (Bf16 != 0) ? 10'sd0 : 10'sd112;
  localparam logic [9:0] ExpInfinity = (Bf16 != 0) ? 10'd255 : 10'd31;
  // A BF16 value is at most one binade below the normal numbers: its multiplier is an FP32 number.
  localparam bit [31:0] AmountWidth = (Bf16 != 0) ? 1 : 4;
  localparam logic [15:0] Nan = (Bf16 != 0) ? 16'h7FC0 : 16'h7E00;
  localparam logic [14:0] Largest = (Bf16 != 0) ? 15'h7F7F : 15'h7BFF;

  // The product stands in 29 bits, with its top bit within the upper six; where it is not, the significand is
  // subnormal, and the result with it.
  logic [SigWidth+4:0] product;
  logic [28:0]         wide, normalised;
  logic signed [9:0]   exponent;
  assign product = (SigWidth+5)'(half_units_i) * (SigWidth+5)'(significand_i);
  assign wide = 29'(product) << (24 - SigWidth);
  always_comb begin
    normalised = wide << 5;
    exponent = -10'sd1;
    for (int unsigned i = 0; i < 5; i++) begin
      if (wide[24+i]) begin
        normalised = wide << (4 - i);
        exponent = 10'(i);
      end
    end
    exponent = exponent + 10'(exponent_i) - Rebias;
  end

  // There are Precision bits, the rounding bit and a sticky bit, which are moved to the grid of the subnormals where
  // the exponent is below 1.
  logic               subnormal;
  logic signed [9:0]  below;
  logic [AmountWidth-1:0] amount;
  logic [Precision+1:0] field;
  assign subnormal = exponent < 10'sd1;
  assign below = 10'sd1 - exponent;
  if (Bf16 != 0) begin : gen_one_binade
    assign amount = subnormal;

    logic unused_below;
    assign unused_below = ^below;
  end else begin : gen_all_binades
    assign amount = !subnormal ? 4'd0 : (below > 10'sd15) ? 4'd15 : below[3:0];
  end
  jam_shift #(.Width(Precision + 2), .AmountWidth(AmountWidth)) u_shift (
    .data_i({normalised[28 -: Precision+1], |normalised[27-Precision:0]}), .amount_i(amount), .data_o(field));

  // A carry out of the fraction enters the exponent.
  logic [Precision+8:0] rounded;
  logic                 round_up;
  assign round_up = field[1] && (field[0] || field[2]);
  assign rounded = {subnormal ? 10'd0 : $unsigned(exponent), field[Precision:2]} + (Precision+9)'(round_up);
  always_comb begin
    if (nan_i) value_o = Nan;
    else if (half_units_i == 5'd0) value_o = {negative_i, 15'd0};
    else if (rounded[Precision+8:Precision-1] >= ExpInfinity) value_o = {negative_i, Largest};
    else value_o = {negative_i, rounded[Precision-1+ExpWidth-1:0]};
  end

  logic unused_hidden;
  assign unused_hidden = field[Precision+1];
endmodule
