// group_dequant multiplies a group sum by its scale, a scale bit per cycle (ARITHMETIC.md 3, kernels/TIMING.md).
//
// Function    product = mantissa * q exactly, by shift-and-add from the most significant scale bit; exponents are
//             added. q is the 11-bit significand of an FP16 scale, or a u8 scale.
//             A nonfinite sum or scale gives product 0.
// Parameters  MantissaWidth of the group sum.
// Input       {scale_u8, scale x16, nonfinite, exponent x8 signed, mantissa}: mantissa lowest.
// Output      {nonfinite, exponent x9 signed, product x(MantissaWidth+11)}: worth product * 2^(exponent-50).
// Latency     N + 1, N = 8 (u8) or 11 (FP16).
// Throughput  One group per N cycles: the next group enters while the last result moves to the output register.
// Handshake   in_ready = idle, or the finished result moves to the output register in this cycle.
// Cycles      n groups take n * N cycles, plus 1 to drain.
module group_dequant #(
  parameter bit [31:0] MantissaWidth = 21
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  input  logic                      in_valid_i,
  output logic                      in_ready_o,
  input  logic [MantissaWidth+25:0] in_data_i,
  output logic                      out_valid_o,
  input  logic                      out_ready_i,
  output logic [MantissaWidth+20:0] out_data_o
);
  localparam bit [31:0] ProductWidth = MantissaWidth + 11;

  // Fields.
  logic [MantissaWidth-1:0] mantissa;
  logic signed [7:0]        exponent;
  logic [15:0]              scale;
  logic                     sum_nonfinite, scale_u8, nonfinite;
  logic [10:0]              scale_bits;  // most significant scale bit at the top
  logic [4:0]               scale_exponent;
  assign mantissa = in_data_i[MantissaWidth-1:0];
  assign exponent = in_data_i[MantissaWidth +: 8];
  assign sum_nonfinite = in_data_i[MantissaWidth+8];
  assign scale = in_data_i[MantissaWidth+9 +: 16];
  assign scale_u8 = in_data_i[MantissaWidth+25];
  assign scale_bits = scale_u8 ? {scale[7:0], 3'b000} : {scale[14:10] != 5'd0, scale[9:0]};
  assign scale_exponent = scale_u8 ? 5'd25 : (scale[14:10] == 5'd0) ? 5'd1 : scale[14:10];
  assign nonfinite = sum_nonfinite || (!scale_u8 && (scale[14:10] == 5'd31));

  // Handshake.
  logic       busy_q, out_valid_q;
  logic [3:0] count_q;
  logic       move, step, in_fire;
  assign move = busy_q && (count_q == 4'd0) && (!out_valid_q || out_ready_i);
  assign step = busy_q && (count_q != 4'd0);
  assign in_ready_o = !busy_q || move;
  assign in_fire = in_valid_i && in_ready_o;
  assign out_valid_o = out_valid_q;

  // Work registers.
  logic [MantissaWidth-1:0] mantissa_q, mantissa_used;
  logic [9:0]               bits_q;
  logic signed [8:0]        exponent_q;
  logic                     nonfinite_q;
  logic [ProductWidth-1:0]  product_q, product_doubled, product_next;
  logic                     bit_used;
  logic [ProductWidth+9:0]  out_q;
  assign mantissa_used = step ? mantissa_q : mantissa;
  assign bit_used = step ? bits_q[9] : scale_bits[10];
  assign product_doubled = step ? product_q << 1 : '0;
  assign product_next = product_doubled + (bit_used ? ProductWidth'($signed(mantissa_used)) : '0);
  assign out_data_o = out_q;

  always_ff @(posedge clk_i) begin : control
    if (!rst_ni) begin
      busy_q <= 1'b0;
      count_q <= 4'd0;
      out_valid_q <= 1'b0;
    end else begin
      if (in_fire) begin
        busy_q <= 1'b1;
        count_q <= scale_u8 ? 4'd7 : 4'd10;
      end else if (move) begin
        busy_q <= 1'b0;
      end else if (step) begin
        count_q <= count_q - 4'd1;
      end
      if (move) out_valid_q <= 1'b1;
      else if (out_ready_i) out_valid_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin : data
    if (!rst_ni) begin
      mantissa_q <= '0;
      bits_q <= '0;
      exponent_q <= '0;
      nonfinite_q <= 1'b0;
      product_q <= '0;
      out_q <= '0;
    end else begin
      if (in_fire) begin
        mantissa_q <= mantissa;
        exponent_q <= 9'(exponent) + $signed({4'd0, scale_exponent});
        nonfinite_q <= nonfinite;
      end
      if (in_fire || step) begin
        product_q <= product_next;
        bits_q <= step ? bits_q << 1 : scale_bits[9:0];
      end
      if (move) out_q <= nonfinite_q ? {1'b1, (ProductWidth+9)'(0)} : {1'b0, exponent_q, product_q};
    end
  end

  logic unused_sign;
  assign unused_sign = scale[15];
endmodule
