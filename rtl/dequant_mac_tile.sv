// dequant_mac_tile is fp16_mac_tile behind one fp4_dequant per column: FP4 weights become FP16 and are multiplied as
// such (kernels/ARITHMETIC.md 8 and 9, kernels/TIMING.md).
//
// Function    Per beat, each column's code becomes an FP16 weight (±(q/2) times the column's scale, one rounding); then
//             sum = sum + activation * weight in FP32 (nearest even), the product exact. A tile's sums start at +0.
//             There is no tensor scale inside: it multiplies the sums, behind the tile.
// Parameters  Rows, Cols units.
// Input       {last, selector[Cols] x2, scale[Cols] x8, code[Cols] x4, act[Rows] x16}: act lowest. One beat per k; last
//             closes an output tile. Scale and selector belong to the beat: a group's are repeated.
// Output      value[Cols] x32: beat i of a tile is row i.
// Configure   As fp4_dequant, for all columns; address 1 (tensor scale) is ignored. Read when a beat enters.
// Latency     Last beat at edge t, row 0 at edge t+5 at the earliest, row i at t+5+i.
// Throughput  One beat per cycle within a tile; the next tile is not added before the last row left (fp16_mac_tile).
// Handshake   Two elastic stages, then fp16_mac_tile's: in_ready = a stage is empty, or the multipliers take a beat. It
//             does not depend on out_ready. Configuration writes are always accepted.
// Cycles      A tile of K beats takes K + Rows cycles: with its first beat in cycle 0, row i of tile n (0, 1, ...)
//             leaves in cycle 4 + K_0 + ... + K_n + n Rows + i.
module dequant_mac_tile #(
  parameter bit [31:0] Rows = 8,
  parameter bit [31:0] Cols = 8
) (
  input  logic                       clk_i,
  input  logic                       rst_ni,
  input  logic                       cfg_valid_i,
  input  logic [7:0]                 cfg_addr_i,
  input  logic [31:0]                cfg_data_i,
  input  logic                       in_valid_i,
  output logic                       in_ready_o,
  input  logic [Rows*16+Cols*14:0]   in_data_i,
  output logic                       out_valid_o,
  input  logic                       out_ready_i,
  output logic [Cols*32-1:0]         out_data_o
);
  localparam bit [31:0] CodeBase = Rows * 16;
  localparam bit [31:0] ScaleBase = CodeBase + Cols * 4;
  localparam bit [31:0] SelectorBase = ScaleBase + Cols * 8;
  localparam bit [31:0] SideWidth = Rows * 16 + 1;

  // Activations and last keep step with the weights.
  logic [1:0] load;
  logic       weights_valid, weights_ready;
  elastic_control #(.Stages(2)) u_control (
    .clk_i, .rst_ni, .in_valid_i, .in_ready_o, .out_valid_o(weights_valid), .out_ready_i(weights_ready), .load_o(load));

  logic [SideWidth-1:0] side0_q, side1_q;
  always_ff @(posedge clk_i) begin
    if (load[0]) side0_q <= {in_data_i[Rows*16+Cols*14], in_data_i[Rows*16-1:0]};
    if (load[1]) side1_q <= side0_q;
  end

  logic [Cols-1:0]    column_ready, column_valid;
  logic [Cols*16-1:0] weights;
  for (genvar c = 0; c < Cols; c++) begin : gen_column
    fp4_dequant #(.Lanes(1), .Bf16(0), .TensorScale(0)) u_dequant (
      .clk_i,
      .rst_ni,
      .cfg_valid_i,
      .cfg_addr_i,
      .cfg_data_i,
      .in_valid_i,
      .in_ready_o (column_ready[c]),
      .in_data_i  ({in_data_i[SelectorBase+2*c +: 2], in_data_i[ScaleBase+8*c +: 8], in_data_i[CodeBase+4*c +: 4]}),
      .out_valid_o(column_valid[c]),
      .out_ready_i(weights_ready),
      .out_data_o (weights[16*c +: 16])
    );
  end

  fp16_mac_tile #(.Rows(Rows), .Cols(Cols)) u_mac (
    .clk_i,
    .rst_ni,
    .in_valid_i(weights_valid),
    .in_ready_o(weights_ready),
    .in_data_i ({side1_q[Rows*16], weights, side1_q[Rows*16-1:0]}),
    .out_valid_o,
    .out_ready_i,
    .out_data_o
  );

  logic unused_handshakes;
  assign unused_handshakes = ^{column_ready, column_valid};
endmodule
