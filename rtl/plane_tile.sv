// plane_tile has Rows x Cols units that add or subtract by bit planes of the weights (kernels/ARITHMETIC.md 7,
// kernels/TIMING.md).
//
// Function    One output tile of y = W x: Rows tokens times Cols output channels, over all groups of K. A weight is a
//             sum of planes of +1 (bit 1) and -1 (bit 0), most significant first, each worth twice the next. The FP16
//             activations of a row are aligned to their largest exponent once, for all columns and all planes; a group
//             sum is floating point. Each group sum is scaled and added in FP32.
// Parameters  Rows <= 8 or a multiple of 8; Cols; Lanes weights per PE and beat; AlignBits kept below the largest
//             activation of a row; AccWidth, GuardBits of the group sum.
// Command     Address 0: planes r of a chunk, 1..8 (0 is read as 1, more than 8 as 8; reset 8), to be written between
//             tiles. Fewer planes than a prefix-closed code has compute with its view of r bits. Other addresses are
//             ignored.
// Input       r beats per Lanes inputs, from bit 0: act[Rows*Lanes] x16 (taken with the first plane alone),
//             plane[Cols*Lanes] x1, scale[Cols] x16, channel_scale[Cols] x32, scale_u8, group_last, tile_last (these
//             with a group's last beat alone).
// Output      value[Ports*Cols] x32, Ports = ceil(Rows/8); beat i = 0 .. Rows/Ports-1 holds rows p*Rows/Ports + i.
// Throughput  A group of g inputs takes max(r * ceil(g/Lanes), N) cycles, N = 8 (u8 scale) or 11 (FP16 scale).
// Latency     Last beat at edge t: group sum t+3, scaled t+3+N+1, row 0's value t+3+N+1+3.
// Handshake   One control for all PEs (row_tile_frame); side data of a group is queued as its last beat enters stage 1.
// Cycles      n tiles of one group of b chunks take n * max(r * b, N) cycles, plus fill and drain once.
module plane_tile #(
  parameter bit [31:0] Rows = 8,
  parameter bit [31:0] Cols = 8,
  parameter bit [31:0] Lanes = 4,
  parameter bit [31:0] AlignBits = 6,
  parameter bit [31:0] AccWidth = 20,
  parameter bit [31:0] GuardBits = 3,
  localparam bit [31:0] InWidth = Rows * Lanes * 16 + Cols * (Lanes + 48) + 3,
  localparam bit [31:0] Ports = (Rows + 7) / 8
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  input  logic                     cfg_valid_i,
  input  logic [7:0]               cfg_addr_i,
  input  logic [31:0]              cfg_data_i,
  input  logic                     in_valid_i,
  output logic                     in_ready_o,
  input  logic [InWidth-1:0]       in_data_i,
  output logic                     out_valid_o,
  input  logic                     out_ready_i,
  output logic [Ports*Cols*32-1:0] out_data_o
);
  localparam bit [31:0] ValueWidth = 12 + AlignBits;  // of an aligned activation

  // Fields.
  localparam bit [31:0] WeightBase = Rows * Lanes * 16;
  localparam bit [31:0] SideBase = WeightBase + Cols * Lanes;

  // These are the planes of a chunk, less one, and the number of the plane at the input.
  logic [2:0] last_plane_q, plane_q;
  logic load0, first, complete, first0_q, complete0_q;
  assign first = plane_q == 3'd0;
  assign complete = plane_q >= last_plane_q;
  always_ff @(posedge clk_i) begin : planes
    if (!rst_ni) begin
      last_plane_q <= 3'd7;
      plane_q <= 3'd0;
    end else begin
      if (cfg_valid_i && cfg_addr_i == 8'd0)
        last_plane_q <= (cfg_data_i[31:3] != '0) ? 3'd7 : (cfg_data_i[2:0] == 3'd0) ? 3'd0 : cfg_data_i[2:0] - 3'd1;
      if (load0) plane_q <= complete ? 3'd0 : plane_q + 3'd1;
    end
  end

  // Control, activations, side data and back end.
  logic load1, accumulate, finish;
  logic [Rows*Lanes*ValueWidth-1:0] value0;
  logic [Rows*5-1:0] emax1;
  logic [Rows-1:0] nonfinite1;
  logic [Rows*Cols*(AccWidth+10)-1:0] sums;
  row_tile_frame #(
    .Rows(Rows), .Cols(Cols), .Lanes(Lanes), .AlignBits(AlignBits), .AccWidth(AccWidth)
  ) u_frame (
    .clk_i, .rst_ni, .in_valid_i, .in_ready_o,
    .act_i(in_data_i[WeightBase-1:0]), .side_i(in_data_i[InWidth-1:SideBase]),
    .first_i(first), .complete_i(complete), .complete0_i(complete0_q),
    .load0_o(load0), .load1_o(load1), .accumulate_o(accumulate), .finish_o(finish),
    .value0_o(value0), .emax1_o(emax1), .nonfinite1_o(nonfinite1), .sum_i(sums),
    .out_valid_o, .out_ready_i, .out_data_o);

  // Stage 0: a plane.
  logic [Cols*Lanes-1:0] plane0_q;
  always_ff @(posedge clk_i) begin : stage0
    if (load0) begin
      first0_q <= first;
      complete0_q <= complete;
      plane0_q <= in_data_i[WeightBase +: Cols*Lanes];
    end
  end

  // PEs.
  for (genvar r = 0; r < Rows; r++) begin : gen_row
    for (genvar c = 0; c < Cols; c++) begin : gen_col
      row_pe #(.Weights(3), .Lanes(Lanes), .AlignBits(AlignBits), .AccWidth(AccWidth), .GuardBits(GuardBits)) u_pe (
        .clk_i, .rst_ni, .load1_i(load1), .first0_i(first0_q),
        .value0_i(value0[r*Lanes*ValueWidth +: Lanes*ValueWidth]), .weight0_i(plane0_q[c*Lanes +: Lanes]),
        .accumulate_i(accumulate), .finish_i(finish), .emax1_i(emax1[r*5 +: 5]), .nonfinite1_i(nonfinite1[r]),
        .out_data_o(sums[(r*Cols+c)*(AccWidth+10) +: AccWidth+10]));
    end
  end
endmodule
