// int8_mac_tile: Rows x Cols units take INT8 activations times signed bytes (kernels/ARITHMETIC.md 7, TIMING.md).
//
// Function    One output tile of y = W x: Rows tokens times Cols output channels, over all groups of K. Group sums are
//             integers and exact: M = sum of products modulo 2^(AccWidth+1). Each group sum is scaled and added in
//             FP32.
// Parameters  Rows <= 8 or a multiple of 8; Cols; Lanes products per PE and beat; AccWidth bits of a group sum's
//             magnitude.
// Input       One beat per Lanes inputs, from bit 0: act[Rows*Lanes] x8 signed, weight[Cols*Lanes] x8 signed,
//             scale[Cols] x16, channel_scale[Cols] x32, scale_u8, group_last, tile_last.
// Output      value[Ports*Cols] x32, Ports = ceil(Rows/8); beat i = 0 .. Rows/Ports-1 holds rows p*Rows/Ports + i.
// Throughput  A group of g inputs takes max(ceil(g/Lanes), N) cycles, N = 8 (u8 scale) or 11 (FP16 scale).
// Latency     Last beat at edge t: group sum t+3, scaled t+3+N+1, row 0's value t+3+N+1+3.
// Handshake   One control for all PEs (row_tile_frame); side data of a group is queued as its last beat enters stage 1.
// Cycles      n tiles of one group of b beats take n * max(b, N) cycles, plus fill and drain once.
module int8_mac_tile #(
  parameter bit [31:0] Rows = 8,
  parameter bit [31:0] Cols = 8,
  parameter bit [31:0] Lanes = 4,
  parameter bit [31:0] AccWidth = 31,
  localparam bit [31:0] InWidth = Rows * Lanes * 8 + Cols * (Lanes * 8 + 48) + 3,
  localparam bit [31:0] Ports = (Rows + 7) / 8
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  input  logic                     in_valid_i,
  output logic                     in_ready_o,
  input  logic [InWidth-1:0]       in_data_i,
  output logic                     out_valid_o,
  input  logic                     out_ready_i,
  output logic [Ports*Cols*32-1:0] out_data_o
);
  localparam bit [31:0] ValueWidth = 8;  // of an activation

  // Fields.
  localparam bit [31:0] WeightBase = Rows * Lanes * 8;
  localparam bit [31:0] SideBase = WeightBase + Cols * Lanes * 8;

  // Control, activations, side data and back end.
  logic load0, load1, accumulate, finish;
  logic [Rows*Lanes*ValueWidth-1:0] value0;
  logic [Rows*5-1:0] emax1;
  logic [Rows-1:0] nonfinite1;
  logic [Rows*Cols*(AccWidth+10)-1:0] sums;
  row_tile_frame #(
    .Rows(Rows), .Cols(Cols), .Lanes(Lanes), .ActInt8(1), .AccWidth(AccWidth)
  ) u_frame (
    .clk_i, .rst_ni, .in_valid_i, .in_ready_o,
    .act_i(in_data_i[WeightBase-1:0]), .side_i(in_data_i[InWidth-1:SideBase]),
    .first_i(1'b1), .complete_i(1'b1), .complete0_i(1'b1),
    .load0_o(load0), .load1_o(load1), .accumulate_o(accumulate), .finish_o(finish),
    .value0_o(value0), .emax1_o(emax1), .nonfinite1_o(nonfinite1), .sum_i(sums),
    .out_valid_o, .out_ready_i, .out_data_o);

  // Stage 0: digits of the weights.
  logic [Cols*Lanes*12-1:0] digit, digit0_q;
  for (genvar i = 0; i < Cols * Lanes; i++) begin : gen_digits
    booth_digits u_digits (.weight_i(in_data_i[WeightBase+i*8 +: 8]), .digit_o(digit[i*12 +: 12]));
  end
  always_ff @(posedge clk_i) if (load0) digit0_q <= digit;

  // PEs.
  for (genvar r = 0; r < Rows; r++) begin : gen_row
    for (genvar c = 0; c < Cols; c++) begin : gen_col
      row_pe #(.Weights(0), .Exact(1), .Lanes(Lanes), .AccWidth(AccWidth)) u_pe (
        .clk_i, .rst_ni, .load1_i(load1), .first0_i(1'b1),
        .value0_i(value0[r*Lanes*ValueWidth +: Lanes*ValueWidth]), .weight0_i(digit0_q[c*Lanes*12 +: Lanes*12]),
        .accumulate_i(accumulate), .finish_i(finish), .emax1_i(emax1[r*5 +: 5]), .nonfinite1_i(nonfinite1[r]),
        .out_data_o(sums[(r*Cols+c)*(AccWidth+10) +: AccWidth+10]));
    end
  end
endmodule
