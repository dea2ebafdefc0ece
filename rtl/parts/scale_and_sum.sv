// What stands behind the PEs of a tile: a group_dequant per PE, column accumulators and the output (kernels/TIMING.md,
// bitserial_tile).
//
// Function    Group sums of all PEs, taken together, are scaled;
//             rows drain in turn into the column accumulators of their port.
// Input       side: {tile_last, channel_scale[Cols] x32, scale_u8, scale[Cols] x16}, scale lowest, pushed once per
//             group before its sums are offered (two groups at most wait). sum[Rows*Cols] (row*Cols + column):
//             {nonfinite, exponent x8, mantissa}.
// Output      value[Ports*Cols] x32; beat i = 0 .. Rows/Ports-1 of a tile holds rows p*Rows/Ports + i.
// Cycles      Sums at edge t, row 0's value at edge t + N + 1 + 3, N = 8 (u8 scale) or 11; one group per N cycles.
module scale_and_sum #(
  parameter bit [31:0] Rows = 8,
  parameter bit [31:0] Cols = 8,
  parameter bit [31:0] MantissaWidth = 21,
  localparam bit [31:0] Ports = (Rows + 7) / 8,
  localparam bit [31:0] SumWidth = MantissaWidth + 9,
  localparam bit [31:0] SideWidth = Cols * 48 + 2
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,
  input  logic                          side_push_i,
  input  logic [SideWidth-1:0]          side_i,
  input  logic                          sum_valid_i,
  output logic                          sum_ready_o,
  input  logic [Rows*Cols*SumWidth-1:0] sum_data_i,
  output logic                          out_valid_o,
  input  logic                          out_ready_i,
  output logic [Ports*Cols*32-1:0]      out_data_o
);
  localparam bit [31:0] PortRows = Rows / Ports;
  localparam bit [31:0] ProductWidth = MantissaWidth + 11;
  localparam bit [31:0] DequantWidth = ProductWidth + 10;   // dequantizer result

  // Side data: meta A travels beside the PEs, meta B beside the dequantizers.
  localparam bit [31:0] MetaBWidth = Cols * 32 + 1;         // {tile_last, channel_scale}
  logic [SideWidth-1:0] meta_a;
  logic [MetaBWidth-1:0] meta_b;
  logic sum_fire, column_done;
  meta_queue #(.Width(SideWidth)) u_meta_a (
    .clk_i, .rst_ni, .push_i(side_push_i), .data_i(side_i), .pop_i(sum_fire), .data_o(meta_a));
  meta_queue #(.Width(MetaBWidth)) u_meta_b (
    .clk_i, .rst_ni,
    .push_i(sum_fire), .data_i(meta_a[Cols*16+1 +: MetaBWidth]), .pop_i(column_done), .data_o(meta_b));

  // All dequantizers take a group at the same edge.
  logic [Rows*Cols-1:0] dq_in_ready, dq_out_valid;
  logic [Rows*Cols*DequantWidth-1:0] dq_data;
  logic [Rows-1:0] dq_out_ready;
  assign sum_ready_o = &dq_in_ready;
  assign sum_fire = sum_valid_i && sum_ready_o;

  for (genvar r = 0; r < Rows; r++) begin : gen_row
    for (genvar c = 0; c < Cols; c++) begin : gen_col
      group_dequant #(.MantissaWidth(MantissaWidth)) u_dequant (
        .clk_i, .rst_ni,
        .in_valid_i(sum_fire), .in_ready_o(dq_in_ready[r*Cols+c]),
        .in_data_i({meta_a[Cols*16], meta_a[c*16 +: 16], sum_data_i[(r*Cols+c)*SumWidth +: SumWidth]}),
        .out_valid_o(dq_out_valid[r*Cols+c]), .out_ready_i(dq_out_ready[r]),
        .out_data_o(dq_data[(r*Cols+c)*DequantWidth +: DequantWidth]));
    end
  end

  // The column accumulators take row p*PortRows + row_q of every port in one cycle.
  logic [2:0] row_q;
  logic [Ports*Cols-1:0] col_in_ready, col_out_valid;
  logic row_valid, row_fire;
  always_comb begin : select_row_valid
    row_valid = 1'b0;
    for (int unsigned i = 0; i < PortRows; i++) begin
      if (row_q == 3'(i)) row_valid = dq_out_valid[i*Cols];
    end
  end
  assign row_fire = row_valid && col_in_ready[0];
  assign column_done = row_fire && (row_q == 3'(PortRows - 1));
  always_comb begin : drain_row
    for (int unsigned r = 0; r < Rows; r++) begin
      dq_out_ready[r] = col_in_ready[0] && (row_q == 3'(r % PortRows));
    end
  end
  always_ff @(posedge clk_i) begin : row_counter
    if (!rst_ni) row_q <= 3'd0;
    else if (row_fire) row_q <= column_done ? 3'd0 : row_q + 3'd1;
  end

  for (genvar p = 0; p < Ports; p++) begin : gen_port
    for (genvar c = 0; c < Cols; c++) begin : gen_column
      logic [DequantWidth-1:0] column_data;
      always_comb begin : select_row
        column_data = '0;
        for (int unsigned i = 0; i < PortRows; i++) begin
          if (row_q == 3'(i)) column_data = dq_data[((p*PortRows+i)*Cols+c)*DequantWidth +: DequantWidth];
        end
      end
      column_accumulator #(.Rows(PortRows), .ProductWidth(ProductWidth)) u_column (
        .clk_i, .rst_ni,
        .in_valid_i(row_valid), .in_ready_o(col_in_ready[p*Cols+c]),
        .in_data_i({meta_b[c*32 +: 32], meta_b[Cols*32], column_data}),
        .out_valid_o(col_out_valid[p*Cols+c]), .out_ready_i, .out_data_o(out_data_o[(p*Cols+c)*32 +: 32]));
    end
  end
  assign out_valid_o = col_out_valid[0];

  logic unused_lock_step;
  assign unused_lock_step = ^{dq_out_valid, col_in_ready, col_out_valid};
endmodule
