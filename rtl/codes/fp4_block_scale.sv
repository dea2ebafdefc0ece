// Makes, combinationally, the stored scale of a block from its largest magnitude (kernels/ARITHMETIC.md 9): a power of
// two as E8M0 (mode_i 0 floor, 1 ceil, 2 even), or UE4M3 of amax * enc (3), nearest even, saturating; amax is finite.
module fp4_block_scale #(
  parameter bit [31:0] Bf16 = 0
) (
  input  logic [1:0]         mode_i,
  input  logic [14:0]        amax_i,
  input  logic signed [10:0] enc_exponent_i,
  input  logic [23:0]        enc_significand_i,
  output logic [7:0]         scale_o
);
  localparam bit [31:0] Precision = (Bf16 != 0) ? 8 : 11;
  localparam bit [31:0] FieldWidth = 16 - Precision;
  localparam logic signed [10:0] Rebias = (Bf16 != 0) ? 11'sd0 : 11'sd112;

  // This is amax as a normal number with the bias of FP32.
  logic [FieldWidth-1:0]          field;
  logic [Precision-1:0]           raw, sig;
  logic [$clog2(Precision+1)-1:0] zeros;
  logic signed [10:0]             exponent;
  logic                           zero;
  assign field = amax_i[14:Precision-1];
  assign raw = {field != '0, amax_i[Precision-2:0]};
  leading_zeros #(.Width(Precision)) u_zeros (.data_i(raw), .count_o(zeros));
  assign sig = raw << zeros;
  assign zero = !sig[Precision-1];
  assign exponent = ((field == '0) ? 11'sd1 : 11'(field)) + Rebias - 11'(zeros);

  // The scale is a power of two.
  logic               step;
  logic signed [10:0] power;
  logic [7:0]         e8m0;
  always_comb begin
    unique case (mode_i)
      2'd1: step = sig[Precision-2] && (sig[Precision-3:0] != '0);
      2'd2: step = sig[Precision-2] && sig[Precision-3];
      default: step = 1'b0;
    endcase
  end
  assign power = exponent - 11'sd2 + 11'(step);
  assign e8m0 = (zero || power < 11'sd0) ? 8'd0 : power[7:0];

  // UE4M3 has four bits, the rounding bit and a sticky bit, which are moved to the grid of the subnormals where the
  // exponent is below 1.
  logic [Precision+23:0] product, normalised;
  logic signed [11:0]    top, below;
  logic [2:0]            amount;
  logic                  subnormal;
  logic [5:0]            kept;
  logic [14:0]           rounded;
  assign product = (Precision+24)'(sig) * (Precision+24)'(enc_significand_i);
  assign normalised = product[Precision+23] ? product : product << 1;
  assign top = 12'(exponent) + 12'(enc_exponent_i) - 12'sd247 + 12'(product[Precision+23]);
  assign subnormal = top < 12'sd1;
  assign below = 12'sd1 - top;
  assign amount = !subnormal ? 3'd0 : (below > 12'sd7) ? 3'd7 : below[2:0];
  jam_shift #(.Width(6), .AmountWidth(3)) u_shift (
    .data_i({normalised[Precision+23 -: 5], |normalised[Precision+18:0]}), .amount_i(amount), .data_o(kept));
  assign rounded = {subnormal ? 12'd0 : $unsigned(top), kept[4:2]} + 15'(kept[1] && (kept[0] || kept[2]));

  always_comb begin
    if (mode_i != 2'd3) scale_o = e8m0;
    else if (zero || !enc_significand_i[23]) scale_o = 8'd0;
    else scale_o = (rounded > 15'h007E) ? 8'h7E : rounded[7:0];
  end

  logic unused_hidden;
  assign unused_hidden = kept[5];
endmodule
