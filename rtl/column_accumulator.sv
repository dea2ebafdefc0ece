// column_accumulator adds a column's dequantized group sums in FP32 (kernels/ARITHMETIC.md 4, kernels/TIMING.md).
//
// Function    Beats come row by row (0 .. Rows-1, repeating). Each is rounded to FP32 and added to its row's sum (FP32,
//             nearest even); on `last` the sum is multiplied by the channel scale and sent, and the row restarts at +0.
// Parameters  Rows in 1..8; ProductWidth of a dequantized sum.
// Input       {channel_scale x32, last, nonfinite, exponent x9 signed, product}: product lowest.
// Output      {value x32}, for last beats only.
// Latency     Last beat at edge t, value at edge t+3 at the earliest.
// Throughput  One beat per cycle.
// Handshake   Three stages (convert, add, multiply); a stage moves when the next is free or moving.
// Cycles      n beats take n cycles, plus 3 to drain.
module column_accumulator #(
  parameter bit [31:0] Rows = 8,
  parameter bit [31:0] ProductWidth = 32
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  input  logic                     in_valid_i,
  output logic                     in_ready_o,
  input  logic [ProductWidth+42:0] in_data_i,
  output logic                     out_valid_o,
  input  logic                     out_ready_i,
  output logic [31:0]              out_data_o
);
  // Handshake.
  logic valid1_q, last1_q, valid2_q, out_valid_q;
  logic move1, move3, in_fire;
  assign move3 = valid2_q && (!out_valid_q || out_ready_i);
  assign move1 = valid1_q && (!last1_q || !valid2_q || move3);
  assign in_ready_o = !valid1_q || move1;
  assign in_fire = in_valid_i && in_ready_o;
  assign out_valid_o = out_valid_q;

  always_ff @(posedge clk_i) begin : control
    if (!rst_ni) begin
      valid1_q <= 1'b0;
      last1_q <= 1'b0;
      valid2_q <= 1'b0;
      out_valid_q <= 1'b0;
    end else begin
      if (in_fire) begin
        valid1_q <= 1'b1;
        last1_q <= in_data_i[ProductWidth+10];
      end else if (move1) begin
        valid1_q <= 1'b0;
      end
      if (move1 && last1_q) valid2_q <= 1'b1;
      else if (move3) valid2_q <= 1'b0;
      if (move3) out_valid_q <= 1'b1;
      else if (out_ready_i) out_valid_q <= 1'b0;
    end
  end

  // This is the row of the beat that comes next, and of the beat in stage 1.
  logic [2:0] row_q, row1_q;
  always_ff @(posedge clk_i) begin : row_counter
    if (!rst_ni) begin
      row_q <= 3'd0;
      row1_q <= 3'd0;
    end else if (in_fire) begin
      row_q <= (row_q == 3'(Rows - 1)) ? 3'd0 : row_q + 3'd1;
      row1_q <= row_q;
    end
  end

  // Stage 1 converts, stage 2 adds, and stage 3 multiplies.
  logic [31:0] converted, converted1_q, scale1_q;
  logic [31:0] row_sum, sum, sum2_q, scale2_q;
  logic [31:0] scaled, out_q;
  logic [Rows*32-1:0] sums_q;

  fp32_from_fixed #(.Width(ProductWidth)) u_convert (
    .product_i(in_data_i[ProductWidth-1:0]), .exponent_i($signed(in_data_i[ProductWidth +: 9])),
    .nonfinite_i(in_data_i[ProductWidth+9]), .value_o(converted));
  always_comb begin : select_row
    row_sum = 32'd0;
    for (int unsigned r = 0; r < Rows; r++) begin
      if (row1_q == 3'(r)) row_sum = sums_q[r*32 +: 32];
    end
  end
  fp32_add u_add (.a_i(row_sum), .b_i(converted1_q), .sum_o(sum));
  fp32_mul u_mul (.a_i(sum2_q), .b_i(scale2_q), .product_o(scaled));
  assign out_data_o = out_q;

  always_ff @(posedge clk_i) begin : data
    if (!rst_ni) begin
      converted1_q <= 32'd0;
      scale1_q <= 32'd0;
      sum2_q <= 32'd0;
      scale2_q <= 32'd0;
      sums_q <= '0;
      out_q <= 32'd0;
    end else begin
      if (in_fire) begin
        converted1_q <= converted;
        scale1_q <= in_data_i[ProductWidth+11 +: 32];
      end
      if (move1) begin
        for (int unsigned r = 0; r < Rows; r++) begin
          if (row1_q == 3'(r)) sums_q[r*32 +: 32] <= last1_q ? 32'd0 : sum;
        end
      end
      if (move1 && last1_q) begin
        sum2_q <= sum;
        scale2_q <= scale1_q;
      end
      if (move3) out_q <= scaled;
    end
  end
endmodule
