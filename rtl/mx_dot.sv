// mx_dot makes the dot product of two OCP MX blocks per cycle, accumulated in FP32 (kernels/ARITHMETIC.md 10,
// kernels/TIMING.md).
//
// Function    The products of a block's elements are summed exactly (Window = 0) or in Window bits below the largest
//             one; the sum times both power-of-two scales is rounded once to FP32 and added to the FP32 sum of the
//             blocks before (nearest even). NaN and Inf elements (E4M3, E5M2) and scales of 255 (NaN) are kept.
// Parameters  Element 0 E2M1, 1 E2M3, 2 E3M2, 3 E4M3, 4 E5M2, 5 INT8; Block in 8..32; Window 0 or 16..48,
//             ignored by INT8.
// Input       {last, scale_b x8, scale_a x8, b[Block], a[Block]}: a lowest; elements of 4 6 6 8 8 8 bits.
// Output      {value x32}, one beat per `last`.
// Latency     Last block at edge t, value at edge t+3 at the earliest.
// Throughput  One block per cycle, results back to back.
// Handshake   Stage 0 (sum of products), stage 1 (FP32 value), sum and result register; see parts/group_control.
// Cycles      n blocks take n cycles, plus 3 to drain.
module mx_dot #(
  parameter bit [31:0] Element = 0,
  parameter bit [31:0] Block = 32,
  parameter bit [31:0] Window = 0,
  localparam bit [31:0] Bits = (Element == 0) ? 4 : (Element < 3) ? 6 : 8
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  input  logic                     in_valid_i,
  output logic                     in_ready_o,
  input  logic [2*Block*Bits+16:0] in_data_i,
  output logic                     out_valid_o,
  input  logic                     out_ready_i,
  output logic [31:0]              out_data_o
);
  localparam bit [31:0] ExpBits = (Element < 2) ? 2 : (Element == 2) ? 3 : (Element == 3) ? 4 : 5;
  localparam bit [31:0] ManBits = (Element == 0) ? 1 : (Element == 1 || Element == 3) ? 3 : 2;
  localparam bit [31:0] Special = (Element == 3) ? 1 : (Element == 4) ? 2 : 0;
  localparam bit [31:0] Room = Window - 2 * (ManBits + 1);  // bits of the window below a significand
  // What the largest product is worth: significands (1.75 = 14/8 for E4M3, whose 15/8 is NaN at the highest exponent,
  // but stands at the top of a window from any other one) and the place of the lowest bit.
  localparam bit [31:0] Largest = (Element == 0) ? 3 : (Element == 1) ? 15 :
                                (Element == 3) ? ((Window != 0) ? 15 : 14)
                                  : (Element == 5) ? 128 : 7;
  localparam bit [31:0] Place = (Element == 5) ? 0 : (Window != 0) ? Room :
                              2 * (2 ** ExpBits - 2) - ((Element == 4) ? 2 : 0);
  localparam bit [31:0] SumWidth = $clog2(Block * Largest * Largest + 1) + Place + 1;
  // Exponent of the sum's lowest bit, the scales' biases included.
  localparam int Unit = (Element == 0) ? -2 : (Element == 1) ? -6 : (Element == 2) ? -8 : (Element == 3) ? -18
                      : (Element == 4) ? -32 : -12;
  localparam int Offset = Unit - 254 - ((Element != 5 && Window != 0) ? 32'(Room) + 2 : 0);
  localparam bit [31:0] ScaleWidth = (Element != 5 && Window != 0) ? 10 : 9;

  logic load0, load1, accumulate, finish;
  logic unused_last0, unused_last1;
  group_control u_control (
    .clk_i, .rst_ni, .in_valid_i, .in_last_i(in_data_i[2*Block*Bits+16]), .complete_i(1'b1), .in_ready_o, .out_valid_o,
    .out_ready_i, .load0_o(load0), .load1_o(load1), .accumulate_o(accumulate), .finish_o(finish),
    .last0_o(unused_last0), .last1_o(unused_last1));

  // Stage 0.
  logic [7:0] scale_a, scale_b;
  logic [SumWidth-1:0] sum, sum0_q;
  logic [ScaleWidth-1:0] scale, scale0_q;
  logic nan, nan0_q, infinite, infinite0_q, negative, negative0_q;
  assign {scale_b, scale_a} = in_data_i[2*Block*Bits +: 16];
  if (Element == 5) begin : gen_integer
    integer_dot #(.Block(Block), .Bits(8), .SumWidth(SumWidth)) u_dot (
      .a_i(in_data_i[0 +: Block*Bits]), .b_i(in_data_i[Block*Bits +: Block*Bits]), .sum_o(sum));
    assign scale = ScaleWidth'(scale_a) + ScaleWidth'(scale_b);
    assign {nan, infinite, negative} = {&scale_a || &scale_b, 2'b00};
  end else begin : gen_minifloat
    logic element_nan;
    logic [ExpBits:0] exponent;
    minifloat_dot #(
      .Block(Block), .ExpBits(ExpBits), .ManBits(ManBits), .Special(Special), .Window(Window), .SumWidth(SumWidth)
    ) u_dot (
      .a_i(in_data_i[0 +: Block*Bits]), .b_i(in_data_i[Block*Bits +: Block*Bits]), .sum_o(sum), .exponent_o(exponent),
      .nan_o(element_nan), .infinite_o(infinite), .negative_o(negative));
    assign scale = ScaleWidth'(scale_a) + ScaleWidth'(scale_b) + ScaleWidth'(exponent);
    assign nan = &scale_a || &scale_b || element_nan;
  end

  always_ff @(posedge clk_i) begin : stage0
    if (!rst_ni) begin
      sum0_q <= '0;
      scale0_q <= '0;
      nan0_q <= 1'b0;
    end else if (load0) begin
      sum0_q <= sum;
      scale0_q <= scale;
      nan0_q <= nan;
    end
  end
  if (Special == 2) begin : gen_infinite
    always_ff @(posedge clk_i) begin
      if (!rst_ni) {infinite0_q, negative0_q} <= 2'b00;
      else if (load0) {infinite0_q, negative0_q} <= {infinite, negative};
    end
  end else begin : gen_no_infinite
    logic unused_infinite;
    assign unused_infinite = infinite ^ negative;
    assign {infinite0_q, negative0_q} = 2'b00;
  end

  // Stage 1, sum and result.
  logic [31:0] value;
  fp32_from_block #(.Width(SumWidth), .Offset(Offset), .ScaleWidth(ScaleWidth)) u_value (
    .sum_i(sum0_q), .scale_i(scale0_q), .nan_i(nan0_q), .infinite_i(infinite0_q),
    .negative_i(negative0_q), .value_o(value));
  block_accumulator u_accumulator (
    .clk_i, .rst_ni, .load1_i(load1), .accumulate_i(accumulate), .finish_i(finish),
    .value_i(value), .result_o(out_data_o));
endmodule
