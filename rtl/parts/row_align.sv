// Turns FP16 activations of a row into integers that share one exponent (ARITHMETIC.md 7). It is combinational, once
// per row for all columns. Lane l is worth value * 2^(emax - AlignBits - 25), value in two's complement; an exponent
// field of 31 in any lane is reported and adds nothing. Without a live lane emax is 0 and so are all values.
module row_align #(
  parameter bit [31:0] Lanes = 4,
  parameter bit [31:0] AlignBits = 6,
  localparam bit [31:0] ValueWidth = 12 + AlignBits
) (
  input  logic [Lanes*16-1:0]         act_i,
  output logic [Lanes*ValueWidth-1:0] value_o,
  output logic [4:0]                  emax_o,
  output logic                        nonfinite_o
);
  localparam bit [31:0] MagnitudeWidth = 11 + AlignBits;
  logic [Lanes-1:0]    live, nonfinite;
  logic [Lanes*5-1:0]  exponent;
  logic [Lanes*11-1:0] mantissa;

  for (genvar l = 0; l < Lanes; l++) begin : gen_decode
    logic [4:0] field;
    logic [9:0] fraction;
    assign field = act_i[l*16+10 +: 5];
    assign fraction = act_i[l*16 +: 10];
    assign nonfinite[l] = (field == 5'd31);
    assign live[l] = !nonfinite[l] && (act_i[l*16 +: 15] != 15'd0);
    assign exponent[l*5 +: 5] = (field == 5'd0) ? 5'd1 : field;
    assign mantissa[l*11 +: 11] = {field != 5'd0, fraction};
  end
  assign nonfinite_o = |nonfinite;

  always_comb begin : largest_exponent
    emax_o = '0;
    for (int unsigned l = 0; l < Lanes; l++) begin
      if (live[l] && exponent[l*5 +: 5] > emax_o) emax_o = exponent[l*5 +: 5];
    end
  end

  for (genvar l = 0; l < Lanes; l++) begin : gen_align
    logic [MagnitudeWidth-1:0] wide, aligned;
    assign wide = live[l] ? {mantissa[l*11 +: 11], {AlignBits{1'b0}}} : '0;
    jam_shift #(.Width(MagnitudeWidth), .AmountWidth(5)) u_shift (
      .data_i(wide), .amount_i(emax_o - exponent[l*5 +: 5]), .data_o(aligned));
    assign value_o[l*ValueWidth +: ValueWidth] = act_i[l*16+15] ? -{1'b0, aligned} : {1'b0, aligned};
  end
endmodule
