// The baseline: Rows x Cols multiply-accumulate units, FP16 x FP16 into FP32, one product per unit and cycle.
// Output-stationary: activations are broadcast to rows, weights to columns. Arithmetic: each product is exact (22 bits);
// sum = +0; sum = sum + product in FP32, round to nearest even, gradual underflow, every NaN 0x7FC00000.
// in:  act[Rows] x16, weight[Cols] x16, last x1 (one beat per k; last closes an output tile)
// out: value[Cols] x32, beat i = row i of the tile.
// Stages: operand decode (once per row and column, so that subnormals cost nothing in the units) | product | sum.
// Timing: last at edge t, rows 0..Rows-1 at edges t+3 .. t+2+Rows at the earliest. The sums leave through the accumulators
// themselves, one row per cycle, so that a tile of K beats takes K + Rows cycles: no unit spends area on a second register.
module fp16_mac_tile #(
  parameter int unsigned Rows = 8,
  parameter int unsigned Cols = 8
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
  localparam int unsigned OperandWidth = 20;
  localparam int unsigned RowWidth = (Rows > 1) ? $clog2(Rows) : 1;

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
