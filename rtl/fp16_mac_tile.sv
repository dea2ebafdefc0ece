// fp16_mac_tile has Rows x Cols multiply-accumulate units, FP16 x FP16 into FP32 (kernels/ARITHMETIC.md 8,
// kernels/TIMING.md).
//
// Function    Output-stationary: activations are broadcast to rows, weights to columns. Per beat, sum = sum + product
//             in FP32 (nearest even, gradual underflow), the product exact; Inf and NaN as IEEE 754, every NaN
//             0x7FC00000. A tile's sums start at +0. Weights of any format, once they are FP16: the baseline of what
//             the other tiles save.
// Parameters  Rows, Cols units; operands are decoded once per row and column,
//             so that subnormals cost nothing in the units.
// Input       {last, weight[Cols] x16, act[Rows] x16}: act lowest. One beat per k; last closes an output tile.
// Output      value[Cols] x32: beat i of a tile is row i.
// Latency     Last beat at edge t, row 0 at edge t+3 at the earliest, row i at t+3+i.
// Throughput  One beat per cycle within a tile. The sums leave through the accumulators themselves, so that no unit
//             spends area on a second register, and the next tile is not added before the last row left.
// Handshake   Stages: operands | product | sum. The operands of the next tile's first two beats enter while a tile
//             drains; in_ready does not depend on out_ready.
// Cycles      A tile of K beats takes K + Rows cycles: with its first beat in cycle 0, row i of tile n (0, 1, ...)
//             leaves in cycle 2 + K_0 + ... + K_n + n Rows + i.
module fp16_mac_tile #(
  parameter bit [31:0] Rows = 8,
  parameter bit [31:0] Cols = 8
) (
  input  logic                         clk_i,
  input  logic                         rst_ni,
  input  logic                         in_valid_i,
  output logic                         in_ready_o,
  input  logic [(Rows+Cols)*16:0]      in_data_i,
  output logic                         out_valid_o,
  input  logic                         out_ready_i,
  output logic [Cols*32-1:0]           out_data_o
);
  localparam bit [31:0] OperandWidth = 20;
  localparam bit [31:0] RowWidth = (Rows > 1) ? $clog2(Rows) : 1;

  logic valid0_q, last0_q, valid1_q, last1_q, drain_q;
  logic [RowWidth-1:0] row_q;
  logic move1, move0, take, shift;

  assign move1 = valid1_q && !drain_q;
  assign move0 = valid0_q && (!valid1_q || move1);
  assign in_ready_o = !valid0_q || move0;
  assign take = in_valid_i && in_ready_o;
  assign out_valid_o = drain_q;
  assign shift = drain_q && out_ready_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      valid0_q <= 1'b0;
      valid1_q <= 1'b0;
      last0_q <= 1'b0;
      last1_q <= 1'b0;
      drain_q <= 1'b0;
      row_q <= '0;
    end else begin
      if (take) begin
        valid0_q <= 1'b1;
        last0_q <= in_data_i[(Rows+Cols)*16];
      end else if (move0) begin
        valid0_q <= 1'b0;
      end
      if (move0) begin
        valid1_q <= 1'b1;
        last1_q <= last0_q;
      end else if (move1) begin
        valid1_q <= 1'b0;
      end
      if (move1 && last1_q) begin
        drain_q <= 1'b1;
      end else if (shift) begin
        row_q <= (row_q == RowWidth'(Rows - 1)) ? '0 : row_q + 1'b1;
        drain_q <= row_q != RowWidth'(Rows - 1);
      end
    end
  end

  logic [(Rows+Cols)*OperandWidth-1:0] operands;
  for (genvar i = 0; i < Rows + Cols; i++) begin : gen_operand
    fp16_operand u_operand (
      .clk_i,
      .load_i   (take),
      .value_i  (in_data_i[i*16 +: 16]),
      .operand_o(operands[i*OperandWidth +: OperandWidth])
    );
  end

  // Row r hands its sums to row r-1; +0 enters behind the last row, which clears the array.
  logic [(Rows+1)*Cols*32-1:0] sums;
  assign sums[Rows*Cols*32 +: Cols*32] = '0;
  for (genvar r = 0; r < Rows; r++) begin : gen_row
    for (genvar c = 0; c < Cols; c++) begin : gen_col
      fp16_mac u_mac (
        .clk_i,
        .rst_ni,
        .multiply_i  (move0),
        .add_i       (move1),
        .shift_i     (shift),
        .activation_i(operands[r*OperandWidth +: OperandWidth]),
        .weight_i    (operands[(Rows+c)*OperandWidth +: OperandWidth]),
        .chain_i     (sums[((r+1)*Cols+c)*32 +: 32]),
        .sum_o       (sums[(r*Cols+c)*32 +: 32])
      );
    end
  end
  assign out_data_o = sums[Cols*32-1:0];
endmodule
