// Finds the smallest magnitude, as a 15-bit pattern of FP16 or BF16, that is above Odd 2^Power times a positive number
// (Strict = 1), or above or equal. The number is significand_i 2^(exponent_i - 154), its top bit set; zero_i makes
// every magnitude count as below. The pattern of infinity or a larger one stands for a threshold above every finite
// number. Odd is 1, 3, 5 or 7. It is combinational.
module fp4_threshold #(
  parameter bit [31:0] Odd = 1,
  parameter logic signed [11:0] Power = 12'sd0,
  parameter bit [31:0] Strict = 0,
  parameter bit [31:0] Bf16 = 0
) (
  input  logic               zero_i,
  input  logic signed [11:0] exponent_i,
  input  logic [27:0]        significand_i,
  output logic [14:0]        pattern_o
);
  localparam bit [31:0] Precision = (Bf16 != 0) ? 8 : 11;
  localparam bit [31:0] Growth = (Odd == 1) ? 0 : (Odd == 3) ? 1 : 2;  // log2 of Odd
  localparam logic signed [11:0] Offset = Power + 12'(Growth) - ((Bf16 != 0) ? 12'sd0 : 12'sd112);
  localparam logic signed [11:0] ExpInfinity = (Bf16 != 0) ? 12'sd255 : 12'sd31;
  localparam logic [14:0] Infinity = (Bf16 != 0) ? 15'h7F80 : 15'h7C00;

  logic [28+Growth:0] product, normalised;
  logic signed [11:0] exponent;
  assign product = (29+Growth)'(significand_i) * (29+Growth)'(Odd);
  assign normalised = product[28+Growth] ? product : product << 1;
  assign exponent = exponent_i + Offset + 12'(product[28+Growth]);

  // The pattern is rounded down, on the grid of the subnormals where the exponent is below 1, and is then one up where
  // it does not count.
  logic                 subnormal, up;
  logic signed [11:0]   below;
  logic [3:0]           amount;
  logic [Precision-1:0] kept;
  logic [14:0]          floor_pattern;
  assign subnormal = exponent < 12'sd1;
  assign below = 12'sd1 - exponent;
  assign amount = !subnormal ? 4'd0 : (below > 12'sd15) ? 4'd15 : below[3:0];
  if (Strict != 0) begin : gen_strict
    assign kept = normalised[28+Growth -: Precision] >> amount;
    assign up = 1'b1;

    logic unused_low;
    assign unused_low = ^normalised[28+Growth-Precision:0];
  end else begin : gen_inexact
    jam_shift #(.Width(Precision + 1), .AmountWidth(4)) u_shift (
      .data_i({normalised[28+Growth -: Precision], |normalised[28+Growth-Precision:0]}),
      .amount_i(amount), .data_o({kept, up}));
  end
  assign floor_pattern = {subnormal ? (16-Precision)'(0) : exponent[15-Precision:0], kept[Precision-2:0]};
  always_comb begin
    if (zero_i || (exponent >= ExpInfinity)) pattern_o = Infinity;
    else pattern_o = floor_pattern + 15'(up);
  end

  logic unused_hidden;
  assign unused_hidden = kept[Precision-1];
endmodule
