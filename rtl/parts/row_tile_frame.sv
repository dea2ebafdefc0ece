// What the tiles with integers inside share (kernels/ARITHMETIC.md 7, kernels/TIMING.md): control, activations, side
// data and the back end. A tile adds its weights and its PEs, which stand between value0_o and sum_i and take the
// enables of group_control.
//
// Function    One control serves all PEs. ActInt8 = 0: the FP16 activations of a row are aligned to their largest
//             exponent once, for all columns (row_operands). ActInt8 = 1: they are signed bytes, emax1_o and
//             nonfinite1_o are 0. The group sums of all PEs, taken together, are scaled and added in FP32
//             (scale_and_sum).
// Parameters  Rows <= 8 or a multiple of 8; Cols; Lanes activations per row and beat; ActInt8; AlignBits kept below the
//             largest activation of a row; AccWidth bits of a group sum's magnitude.
// Input       act[Rows*Lanes] x16 (x8 with ActInt8); side: scale[Cols] x16, channel_scale[Cols] x32, scale_u8,
//             group_last, tile_last, as they end a tile's beat. A chunk of inputs may take several beats (planes):
//             activations enter with first_i, group_last counts with complete_i, and complete0_i is complete_i of the
//             beat in stage 0. All three are 1 where every beat is a chunk.
// PEs         value0[Rows*Lanes], two's complement, stands in stage 0; emax1[Rows] x5 and nonfinite1[Rows] belong to
//             stage 1. sum[Rows*Cols] (row*Cols + column): {nonfinite, exponent x8, mantissa x(AccWidth+1)}, the PEs'
//             result registers.
// Output      value[Ports*Cols] x32, Ports = ceil(Rows/8); beat i = 0 .. Rows/Ports-1 holds rows p*Rows/Ports + i.
// Handshake   Side data of a group is queued when its last beat enters stage 1.
module row_tile_frame #(
  parameter bit [31:0] Rows = 8,
  parameter bit [31:0] Cols = 8,
  parameter bit [31:0] Lanes = 4,
  parameter bit [31:0] ActInt8 = 0,
  parameter bit [31:0] AlignBits = 6,
  parameter bit [31:0] AccWidth = 20,
  localparam bit [31:0] ActWidth = (ActInt8 != 0) ? 8 : 16,
  localparam bit [31:0] ValueWidth = (ActInt8 != 0) ? 8 : 12 + AlignBits,
  localparam bit [31:0] SumWidth = AccWidth + 10,
  localparam bit [31:0] Ports = (Rows + 7) / 8
) (
  input  logic                             clk_i,
  input  logic                             rst_ni,
  input  logic                             in_valid_i,
  output logic                             in_ready_o,
  input  logic [Rows*Lanes*ActWidth-1:0]   act_i,
  input  logic [Cols*48+2:0]               side_i,
  input  logic                             first_i,
  input  logic                             complete_i,
  input  logic                             complete0_i,
  output logic                             load0_o,
  output logic                             load1_o,
  output logic                             accumulate_o,
  output logic                             finish_o,
  output logic [Rows*Lanes*ValueWidth-1:0] value0_o,
  output logic [Rows*5-1:0]                emax1_o,
  output logic [Rows-1:0]                  nonfinite1_o,
  input  logic [Rows*Cols*SumWidth-1:0]    sum_i,
  output logic                             out_valid_o,
  input  logic                             out_ready_i,
  output logic [Ports*Cols*32-1:0]         out_data_o
);
  // Control.
  logic last0, sums_valid, sums_ready;
  logic unused_last1;
  group_control u_control (
    .clk_i, .rst_ni,
    .in_valid_i, .in_last_i(side_i[Cols*48+1] && complete_i), .complete_i(complete0_i), .in_ready_o,
    .out_valid_o(sums_valid), .out_ready_i(sums_ready),
    .load0_o, .load1_o, .accumulate_o, .finish_o,
    .last0_o(last0), .last1_o(unused_last1));

  // Stage 0: activations.
  logic take;
  assign take = load0_o && first_i;
  if (ActInt8 != 0) begin : gen_int8
    logic [Rows*Lanes*8-1:0] value0_q;
    always_ff @(posedge clk_i) if (take) value0_q <= act_i;
    assign value0_o = value0_q;
    assign emax1_o = '0;
    assign nonfinite1_o = '0;
  end else begin : gen_fp16
    for (genvar r = 0; r < Rows; r++) begin : gen_operands
      row_operands #(.Lanes(Lanes), .AlignBits(AlignBits)) u_row (
        .clk_i, .rst_ni, .take_i(take), .load1_i(load1_o), .accumulate_i(accumulate_o), .finish_i(finish_o),
        .act_i(act_i[r*Lanes*16 +: Lanes*16]), .value0_o(value0_o[r*Lanes*ValueWidth +: Lanes*ValueWidth]),
        .emax1_o(emax1_o[r*5 +: 5]), .nonfinite1_o(nonfinite1_o[r]));
    end
  end

  // Stage 0: side data {tile_last, channel_scale, scale_u8, scale}, as scale_and_sum takes it.
  logic [Cols*48+1:0] side0_q;
  always_ff @(posedge clk_i) begin : stage0
    if (load0_o) side0_q <= {side_i[Cols*48+2], side_i[Cols*16 +: Cols*32], side_i[Cols*48], side_i[0 +: Cols*16]};
  end

  scale_and_sum #(.Rows(Rows), .Cols(Cols), .MantissaWidth(AccWidth + 1)) u_back (
    .clk_i, .rst_ni,
    .side_push_i(load1_o && last0), .side_i(side0_q),
    .sum_valid_i(sums_valid), .sum_ready_o(sums_ready), .sum_data_i(sum_i),
    .out_valid_o, .out_ready_i, .out_data_o);
endmodule
