// The PE of the tiles with integers inside (row_tile_frame): a row's integers times a column's weights, over a group.
// Weights says what a column brings: 0 signed bytes as booth_digits gives them (row_dot); 1 trits and 2 codes of four
// with one zero, both as ternary_dot takes them; 3 one bit plane per beat (plane_dot). With planes, stage 1 of
// group_sum holds P, and first0_i says that stage 0 holds the first plane of a chunk; the other weights do not look at
// it. With Exact = 1 activations are INT8. It is kept as a module of its own in synthesis, as a designer keeps a PE
// that is placed 64 times.
(* keep_hierarchy *)
module row_pe #(
  parameter bit [31:0] Weights = 0,
  parameter bit [31:0] Exact = 0,
  parameter bit [31:0] Lanes = 4,
  parameter bit [31:0] AlignBits = 6,
  parameter bit [31:0] AccWidth = 20,
  parameter bit [31:0] GuardBits = 3,
  localparam bit [31:0] ValueWidth = (Exact != 0) ? 8 : 12 + AlignBits,
  localparam bit [31:0] WeightWidth = (Weights == 0) ? Lanes * 12 : (Weights == 1) ? Lanes * 2
                                      : (Weights == 2) ? Lanes / 4 * 6 : Lanes
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,
  input  logic                        load1_i,
  input  logic                        first0_i,
  input  logic [Lanes*ValueWidth-1:0] value0_i,
  input  logic [WeightWidth-1:0]      weight0_i,
  input  logic                        accumulate_i,
  input  logic                        finish_i,
  input  logic [4:0]                  emax1_i,
  input  logic                        nonfinite1_i,
  output logic [AccWidth+9:0]         out_data_o
);
  // The bits of |S|, or of |P|. A byte's magnitude is 2^7 at most, and eight planes stay below 2^8. Aligned activations
  // stay below their power of two; -128 in every lane, times -128 or -1, needs one bit more, for which three lanes of
  // four leave room.
  localparam bit [31:0] Growth = (Weights == 0) ? 7 : (Weights == 3) ? 8 : 0;
  localparam bit [31:0] Spill = (Exact != 0 && Weights != 2) ? 1 : 0;
  localparam bit [31:0] SumWidth = ValueWidth - 1 + Growth + $clog2(Lanes) + Spill;
  logic [SumWidth:0]   sum;
  logic                negative1;
  logic [SumWidth-1:0] magnitude1;

  if (Weights == 0) begin : gen_bytes
    row_dot #(.Lanes(Lanes), .ValueWidth(ValueWidth), .SumWidth(SumWidth)) u_dot (
      .value_i(value0_i), .digit_i(weight0_i), .sum_o(sum));
  end else if (Weights == 3) begin : gen_planes
    plane_dot #(.Lanes(Lanes), .ValueWidth(ValueWidth), .SumWidth(SumWidth)) u_dot (
      .first_i(first0_i), .negative_i(negative1), .magnitude_i(magnitude1), .value_i(value0_i), .plane_i(weight0_i),
      .sum_o(sum));
  end else begin : gen_ternary
    ternary_dot #(.Sparse(Weights - 1), .Lanes(Lanes), .ValueWidth(ValueWidth), .SumWidth(SumWidth)) u_dot (
      .value_i(value0_i), .weight_i(weight0_i), .sum_o(sum));
  end
  if (Weights != 3) begin : gen_whole_beats
    logic unused_planes;
    assign unused_planes = ^{first0_i, negative1, magnitude1};
  end

  group_sum #(
    .Exact(Exact), .SumWidth(SumWidth), .AlignBits(AlignBits), .AccWidth(AccWidth), .GuardBits(GuardBits)
  ) u_sum (
    .clk_i, .rst_ni, .load1_i, .sum_i(sum), .negative1_o(negative1), .magnitude1_o(magnitude1),
    .accumulate_i, .finish_i, .emax1_i, .nonfinite1_i, .out_data_o);
endmodule
