// Adds the lanes' products after alignment to the largest exponent: steps 1 and 3 of "Rounded mode", ARITHMETIC.md 2. A
// product is aligned after its term's shift was added to its exponent. It holds that sum = (-1)^negative * magnitude *
// 2^(emax-AlignBits-25). It is combinational.
module align_sum #(
  parameter bit [31:0] Lanes = 4,
  parameter bit [31:0] ExpWidth = 6,
  parameter bit [31:0] AlignBits = 6,
  parameter bit [31:0] Rounding = 0,
  parameter bit [31:0] SumWidth = 11 + AlignBits + $clog2(Lanes)
) (
  input  logic [Lanes-1:0]          live_i,
  input  logic [Lanes-1:0]          negative_i,
  input  logic [Lanes*ExpWidth-1:0] exponent_i,  // E of each lane
  input  logic [Lanes*11-1:0]       mantissa_i,
  output logic [ExpWidth-1:0]       emax_o,
  output logic                      negative_o,
  output logic [SumWidth-1:0]       magnitude_o
);
  localparam bit [31:0] LaneWidth = 11 + AlignBits;

  always_comb begin : largest_exponent
    emax_o = '0;
    for (int unsigned l = 0; l < Lanes; l++) begin
      if (live_i[l] && exponent_i[l*ExpWidth +: ExpWidth] > emax_o) emax_o = exponent_i[l*ExpWidth +: ExpWidth];
    end
  end

  logic [Lanes*LaneWidth-1:0] aligned;
  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic [LaneWidth-1:0] wide;
    assign wide = live_i[l] ? LaneWidth'(mantissa_i[l*11 +: 11]) << AlignBits : '0;
    jam_shift #(.Width(LaneWidth), .AmountWidth(ExpWidth), .Truncate(Rounding)) u_shift (
      .data_i  (wide),
      .amount_i(emax_o - exponent_i[l*ExpWidth +: ExpWidth]),
      .data_o  (aligned[l*LaneWidth +: LaneWidth])
    );
  end

  logic [SumWidth:0] sum;
  always_comb begin : add_lanes
    sum = '0;
    for (int unsigned l = 0; l < Lanes; l++) begin
      if (negative_i[l]) sum = sum - (SumWidth+1)'(aligned[l*LaneWidth +: LaneWidth]);
      else sum = sum + (SumWidth+1)'(aligned[l*LaneWidth +: LaneWidth]);
    end
  end
  assign negative_o = sum[SumWidth];
  assign magnitude_o = SumWidth'(sum[SumWidth] ? -sum : sum);
endmodule
