// nvfp4_dot makes the dot product of two NVFP4 or NVINT4 blocks per cycle, accumulated in FP32 (kernels/ARITHMETIC.md
// 10, kernels/TIMING.md).
//
// Function    The products of a block's elements are summed exactly and multiplied by both UE4M3 scales; FP32 holds
//             that exactly, so it is normalised and not rounded. It is added to the FP32 sum of the blocks before
//             (nearest even). A scale of 0x7F is NaN; bit 7 of a scale is ignored.
//             Tensor scales are applied behind the unit.
// Parameters  Element 0 E2M1 (NVFP4), 1 INT4 (NVINT4); Block in 8..32.
// Input       {last, scale_b x8, scale_a x8, b[Block] x4, a[Block] x4}: a lowest.
// Output      {value x32}, one beat per `last`.
// Latency     Last block at edge t, value at edge t+3 at the earliest.
// Throughput  One block per cycle, results back to back.
// Handshake   Stage 0 (sum of products), stage 1 (FP32 value), sum and result register; see parts/group_control.
// Cycles      n blocks take n cycles, plus 3 to drain.
module nvfp4_dot #(
  parameter bit [31:0] Element = 0,
  parameter bit [31:0] Block = 16
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  in_valid_i,
  output logic                  in_ready_o,
  input  logic [8*Block+16:0]   in_data_i,
  output logic                  out_valid_o,
  input  logic                  out_ready_i,
  output logic [31:0]           out_data_o
);
  // Products of at most 144 quarters (E2M1) or 64 (INT4).
  localparam bit [31:0] SumWidth = $clog2(Block * ((Element == 0) ? 144 : 64) + 1) + 1;
  localparam int Offset = (Element == 0) ? -22 : -20;  // a scale is significand * 2^(exponent - 10)

  logic load0, load1, accumulate, finish;
  logic unused_last0, unused_last1;
  group_control u_control (
    .clk_i, .rst_ni, .in_valid_i, .in_last_i(in_data_i[8*Block+16]), .complete_i(1'b1), .in_ready_o, .out_valid_o,
    .out_ready_i, .load0_o(load0), .load1_o(load1), .accumulate_o(accumulate), .finish_o(finish),
    .last0_o(unused_last0), .last1_o(unused_last1));

  // Stage 0. The scales are minifloats whose sign is ignored.
  logic [7:0] scale_a, scale_b;
  logic [SumWidth-1:0] sum, sum0_q;
  logic [7:0] significands, significands0_q;
  logic [4:0] exponents, exponents0_q;
  logic nan, nan0_q, unused_negative, unused_infinite;
  assign {scale_b, scale_a} = in_data_i[8*Block +: 16];
  minifloat_product #(.ExpBits(4), .ManBits(3), .Special(1)) u_scales (
    .a_i(scale_a), .b_i(scale_b), .negative_o(unused_negative), .significand_o(significands), .exponent_o(exponents),
    .nan_o(nan), .infinite_o(unused_infinite));
  if (Element == 1) begin : gen_integer
    integer_dot #(.Block(Block), .Bits(4), .SumWidth(SumWidth)) u_dot (
      .a_i(in_data_i[0 +: 4*Block]), .b_i(in_data_i[4*Block +: 4*Block]), .sum_o(sum));
  end else begin : gen_minifloat
    logic [2:0] unused_exponent;
    logic unused_element_nan, unused_element_infinite, unused_element_negative;
    minifloat_dot #(.Block(Block), .ExpBits(2), .ManBits(1), .Special(0), .Window(0), .SumWidth(SumWidth)) u_dot (
      .a_i(in_data_i[0 +: 4*Block]), .b_i(in_data_i[4*Block +: 4*Block]), .sum_o(sum), .exponent_o(unused_exponent),
      .nan_o(unused_element_nan), .infinite_o(unused_element_infinite), .negative_o(unused_element_negative));
  end

  always_ff @(posedge clk_i) begin : stage0
    if (!rst_ni) begin
      sum0_q <= '0;
      significands0_q <= '0;
      exponents0_q <= '0;
      nan0_q <= 1'b0;
    end else if (load0) begin
      sum0_q <= sum;
      significands0_q <= significands;
      exponents0_q <= exponents;
      nan0_q <= nan;
    end
  end

  // Stage 1, sum and result.
  logic [31:0] value;
  fp32_from_scaled #(.Width(SumWidth), .Offset(Offset)) u_value (
    .sum_i(sum0_q), .significands_i(significands0_q), .exponents_i(exponents0_q), .nan_i(nan0_q), .value_o(value));
  block_accumulator u_accumulator (
    .clk_i, .rst_ni, .load1_i(load1), .accumulate_i(accumulate), .finish_i(finish),
    .value_i(value), .result_o(out_data_o));
endmodule
