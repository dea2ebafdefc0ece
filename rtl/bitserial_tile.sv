// bitserial_tile has Rows x Cols bit-serial PEs with dequantizers and column sums (kernels/TIMING.md).
//
// Function    One output tile of y = W x: Rows tokens times Cols output channels, over all groups of K. Weights are
//             broadcast down columns as terms, activations along rows; each group sum is scaled and added in FP32.
// Parameters  Rows <= 8 or a multiple of 8; Cols; Lanes inputs per beat; the encoder's and the PE's parameters.
// Input       One beat per Lanes inputs, from bit 0: act[Rows*Lanes] x16, code[Cols*Lanes] x8, selector[Cols] x2,
//             zero[Cols] x8, scale[Cols] x16, channel_scale[Cols] x32, scale_u8, group_last, tile_last.
// Output      value[Ports*Cols] x32, Ports = ceil(Rows/8); beat i = 0 .. Rows/Ports-1 holds rows p*Rows/Ports + i.
// Throughput  A group of g inputs takes max(terms * ceil(g/Lanes), N) cycles, N = 8 (u8 scale) or 11 (FP16 scale).
// Latency     Last term at edge t: PE result t+2, dequantized t+2+N+1, row 0's value t+2+N+1+3.
// Handshake   All PEs move in lock-step, and so do all column accumulators.
module bitserial_tile #(
  parameter bit [31:0] Rows = 8,
  parameter bit [31:0] Cols = 8,
  parameter bit [31:0] Lanes = 4,
  parameter bit [31:0] TableBits = 4,
  parameter bit [31:0] TableTerms = 2,
  parameter bit [31:0] ShiftWidth = 3,
  parameter bit [31:0] AlignBits = 6,
  parameter bit [31:0] AccWidth = 20,
  parameter bit [31:0] GuardBits = 3,
  parameter bit [31:0] Rounding = 0,
  parameter bit [31:0] Exact = 0,
  localparam bit [31:0] InWidth = Rows * Lanes * 16 + Cols * (Lanes * 8 + 58) + 3,
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
  localparam bit [31:0] TermWidth = 2 + ShiftWidth;
  localparam bit [31:0] MantissaWidth = (Exact != 0) ? 64 : AccWidth + 1;
  localparam bit [31:0] SumWidth = MantissaWidth + 9;  // PE result

  // Fields.
  localparam bit [31:0] CodeBase = Rows * Lanes * 16;
  localparam bit [31:0] ScaleBase = CodeBase + Cols * (Lanes * 8 + 10);
  localparam bit [31:0] ChannelBase = ScaleBase + Cols * 16;
  localparam bit [31:0] FlagBase = ChannelBase + Cols * 32;
  logic scale_u8, group_last, tile_last;
  assign scale_u8 = in_data_i[FlagBase];
  assign group_last = in_data_i[FlagBase+1];
  assign tile_last = in_data_i[FlagBase+2];

  // The encoder takes codes, selectors and zeros in the order in which they lie in the tile's beat.
  logic enc_valid, pe_ready, enc_last, pe_last;
  logic [Cols*Lanes*TermWidth:0] enc_data;
  term_encoder #(
    .Lanes(Lanes), .Cols(Cols), .TableBits(TableBits), .TableTerms(TableTerms), .ShiftWidth(ShiftWidth)
  ) u_encoder (
    .clk_i, .rst_ni, .cfg_valid_i, .cfg_addr_i, .cfg_data_i,
    .in_valid_i, .in_ready_o, .in_data_i(in_data_i[ScaleBase-1:CodeBase]),
    .out_valid_o(enc_valid), .out_ready_i(pe_ready), .out_data_o(enc_data));
  assign enc_last = enc_data[Cols*Lanes*TermWidth];
  assign pe_last = group_last && enc_last;

  // All PEs see the same handshakes, so that instance 0 speaks for all of them.
  logic [Rows*Cols-1:0] pe_in_ready, pe_out_valid;
  logic [Rows*Cols*SumWidth-1:0] sums;
  logic sums_ready;
  assign pe_ready = pe_in_ready[0];

  for (genvar r = 0; r < Rows; r++) begin : gen_row
    for (genvar c = 0; c < Cols; c++) begin : gen_col
      bitserial_pe #(
        .Lanes(Lanes), .ShiftWidth(ShiftWidth), .AlignBits(AlignBits), .AccWidth(AccWidth),
        .GuardBits(GuardBits), .Rounding(Rounding), .Exact(Exact)
      ) u_pe (
        .clk_i, .rst_ni,
        .in_valid_i(enc_valid), .in_ready_o(pe_in_ready[r*Cols+c]),
        .in_data_i({pe_last, enc_data[c*Lanes*TermWidth +: Lanes*TermWidth], in_data_i[r*Lanes*16 +: Lanes*16]}),
        .out_valid_o(pe_out_valid[r*Cols+c]), .out_ready_i(sums_ready),
        .out_data_o(sums[(r*Cols+c)*SumWidth +: SumWidth]));
    end
  end

  scale_and_sum #(.Rows(Rows), .Cols(Cols), .MantissaWidth(MantissaWidth)) u_back (
    .clk_i, .rst_ni,
    .side_push_i(enc_valid && pe_ready && pe_last),
    .side_i({tile_last, in_data_i[ChannelBase +: Cols*32], scale_u8, in_data_i[ScaleBase +: Cols*16]}),
    .sum_valid_i(pe_out_valid[0]), .sum_ready_o(sums_ready), .sum_data_i(sums),
    .out_valid_o, .out_ready_i, .out_data_o);

  logic unused_lock_step;
  assign unused_lock_step = ^{pe_in_ready, pe_out_valid};
endmodule
