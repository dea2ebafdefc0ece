// One floating-point accumulation, which is step 2 of "Rounded mode", ARITHMETIC.md 2. It is combinational. Both
// operands are placed with their most significant possible bit at the same height, and only the one with the lower
// "top" (own exponent + own width) passes the one aligning shifter. Exponents are carried as tops: acc_top = X +
// AccWidth.
module accumulate_rounded #(
  parameter bit [31:0] AccWidth = 20,
  parameter bit [31:0] GuardBits = 3,
  parameter bit [31:0] SumWidth = 19,
  parameter bit [31:0] Rounding = 0,
  parameter bit [31:0] TopWidth = 10
) (
  input  logic                        acc_negative_i,
  input  logic [AccWidth-1:0]         acc_magnitude_i,
  input  logic signed [TopWidth-1:0]  acc_top_i,   // meaningless when the magnitude is 0
  input  logic                        sum_negative_i,
  input  logic [SumWidth-1:0]         sum_magnitude_i,
  input  logic signed [TopWidth-1:0]  sum_top_i,   // meaningless when the magnitude is 0
  output logic                        negative_o,
  output logic [AccWidth-1:0]         magnitude_o,
  output logic signed [TopWidth-1:0]  top_o
);
  localparam bit [31:0] KeptWidth = AccWidth + GuardBits;
  localparam bit [31:0] FieldWidth = (KeptWidth > SumWidth) ? KeptWidth : SumWidth;
  localparam bit [31:0] NormWidth = $clog2(GuardBits + 2);

  // The operands are ordered by top; a zero operand is always the low one.
  logic acc_is_high;
  logic [FieldWidth-1:0] acc_field, sum_field, high_field, low_field;
  logic signed [TopWidth-1:0] high_top;
  logic [TopWidth-1:0] distance;
  assign acc_field = FieldWidth'(acc_magnitude_i) << (FieldWidth - AccWidth);
  assign sum_field = FieldWidth'(sum_magnitude_i) << (FieldWidth - SumWidth);
  assign acc_is_high = (sum_magnitude_i == '0) || ((acc_magnitude_i != '0) && (acc_top_i >= sum_top_i));
  assign high_field = acc_is_high ? acc_field : sum_field;
  assign low_field = acc_is_high ? sum_field : acc_field;
  assign high_top = acc_is_high ? acc_top_i : sum_top_i;
  assign distance = acc_is_high ? acc_top_i - sum_top_i : sum_top_i - acc_top_i;

  logic [FieldWidth-1:0] low_shifted;
  jam_shift #(.Width(FieldWidth), .AmountWidth(TopWidth), .Truncate(Rounding)) u_align (
    .data_i(low_field), .amount_i(distance), .data_o(low_shifted));

  // What lies below the guard bits is dropped (only where the lane sum is wider than accumulator and guard bits).
  logic [KeptWidth-1:0] high, low;
  if (FieldWidth > KeptWidth) begin : gen_drop
    logic [FieldWidth-1:0] high_dropped, low_dropped;
    localparam bit [31:0] Drop = FieldWidth - KeptWidth;
    jam_shift #(.Width(FieldWidth), .AmountWidth(8), .Truncate(Rounding)) u_high (
      .data_i(high_field), .amount_i(8'(Drop)), .data_o(high_dropped));
    jam_shift #(.Width(FieldWidth), .AmountWidth(8), .Truncate(Rounding)) u_low (
      .data_i(low_shifted), .amount_i(8'(Drop)), .data_o(low_dropped));
    assign high = high_dropped[KeptWidth-1:0];
    assign low = low_dropped[KeptWidth-1:0];
    logic unused_bits;
    assign unused_bits = ^{high_dropped[FieldWidth-1:KeptWidth], low_dropped[FieldWidth-1:KeptWidth]};
  end else begin : gen_keep
    assign high = high_field;
    assign low = low_shifted;
  end

  // This is T, as sign and magnitude.
  logic subtract, high_negative, swapped;
  logic [KeptWidth:0] total, magnitude;
  assign subtract = acc_negative_i ^ sum_negative_i;
  assign high_negative = acc_is_high ? acc_negative_i : sum_negative_i;
  assign total = subtract ? {1'b0, high} - {1'b0, low} : {1'b0, high} + {1'b0, low};
  assign swapped = subtract && total[KeptWidth];
  assign magnitude = swapped ? -total : total;

  // n = max(0, bit length - AccWidth); one rounding follows.
  logic [NormWidth-1:0] n;
  always_comb begin : excess_length
    n = '0;
    for (int unsigned k = 0; k <= GuardBits; k++) begin
      if (magnitude[AccWidth+k]) n = NormWidth'(k + 1);
    end
  end
  logic [KeptWidth+1:0] doubled, shifted, lost_mask;
  logic round_up;
  logic [AccWidth:0] rounded;
  assign doubled = {magnitude, 1'b0};
  assign shifted = doubled >> n;              // bit 0 is the rounding bit
  assign lost_mask = ~({(KeptWidth+2){1'b1}} << n);
  assign round_up = (Rounding == 0) && shifted[0] && (shifted[1] || |(doubled & lost_mask));
  assign rounded = shifted[AccWidth+1:1] + (AccWidth+1)'(round_up);

  assign magnitude_o = rounded[AccWidth] ? {1'b1, {(AccWidth-1){1'b0}}} : rounded[AccWidth-1:0];
  assign negative_o = (rounded != '0) && (high_negative ^ swapped);
  assign top_o = high_top - TopWidth'(GuardBits) + TopWidth'(n) + TopWidth'(rounded[AccWidth]);

  if (KeptWidth + 2 > AccWidth + 2) begin : gen_unused
    logic unused_high;
    assign unused_high = ^shifted[KeptWidth+1:AccWidth+2];
  end
endmodule
