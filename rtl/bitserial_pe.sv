// bitserial_pe makes the group sum of FP16 activations times terms (kernels/ARITHMETIC.md 2, kernels/TIMING.md).
//
// Function    Per beat, every lane contributes activation * ±2^shift; the beats of a group are added into one
//             accumulator. Exact = 0: products aligned after their shift, a floating accumulator of AccWidth bits with
//             GuardBits guard bits, round to nearest even (Rounding = 1 truncates). Exact = 1:
//             a 64-bit fixed-point sum.
// Parameters  Lanes products per beat; ShiftWidth bits per shift; AlignBits kept below the largest product; AccWidth;
//             GuardBits; Rounding; Exact.
// Input       {last, term[Lanes] x(2+ShiftWidth), act[Lanes] x16}: act lowest.
// Output      {nonfinite, exponent x8 signed, mantissa}: worth mantissa * 2^(exponent-25); one beat per group.
// Latency     Last beat at edge t, result at edge t+2 at the earliest.
// Throughput  One beat per cycle, groups back to back.
// Handshake   Stage 1 holds the lane sum; it moves unless it ends a group whose result register is still occupied.
// Cycles      A stream of n beats takes n cycles, plus 2 to drain.
module bitserial_pe #(
  parameter bit [31:0] Lanes = 4,
  parameter bit [31:0] ShiftWidth = 3,
  parameter bit [31:0] AlignBits = 6,
  parameter bit [31:0] AccWidth = 20,
  parameter bit [31:0] GuardBits = 3,
  parameter bit [31:0] Rounding = 0,
  parameter bit [31:0] Exact = 0,
  localparam bit [31:0] MantissaWidth = (Exact != 0) ? 64 : AccWidth + 1
) (
  input  logic                               clk_i,
  input  logic                               rst_ni,
  input  logic                               in_valid_i,
  output logic                               in_ready_o,
  input  logic [Lanes*(18+ShiftWidth):0]     in_data_i,
  output logic                               out_valid_o,
  input  logic                               out_ready_i,
  output logic [MantissaWidth+8:0]           out_data_o
);
  localparam bit [31:0] TermWidth = 2 + ShiftWidth;
  localparam bit [31:0] ExpWidth = $clog2(31 + 2 ** ShiftWidth);  // E = exponent + shift

  // Handshake.
  logic valid1_q, last1_q, nonfinite1_q, out_valid_q;
  logic move1, in_fire, out_fire;
  assign out_fire = out_valid_q && out_ready_i;
  assign move1 = valid1_q && !(last1_q && out_valid_q && !out_ready_i);
  assign in_ready_o = !valid1_q || move1;
  assign in_fire = in_valid_i && in_ready_o;
  assign out_valid_o = out_valid_q;

  // Lanes.
  logic [Lanes-1:0]          live, negative, nonfinite;
  logic [Lanes*ExpWidth-1:0] exponent;
  logic [Lanes*11-1:0]       mantissa;
  logic                      last;
  assign last = in_data_i[Lanes*(16+TermWidth)];
  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic [15:0]          act;
    logic [TermWidth-1:0] term;
    logic                 normal;
    logic [4:0]           biased;
    assign act = in_data_i[l*16 +: 16];
    assign term = in_data_i[Lanes*16+l*TermWidth +: TermWidth];
    assign normal = (act[14:10] != 5'd0);
    assign biased = normal ? act[14:10] : 5'd1;
    assign nonfinite[l] = (act[14:10] == 5'd31);
    assign mantissa[l*11 +: 11] = {normal, act[9:0]};
    assign exponent[l*ExpWidth +: ExpWidth] =
        ExpWidth'(biased) + ExpWidth'(term[ShiftWidth-1:0]);
    assign negative[l] = act[15] ^ term[ShiftWidth+1];
    assign live[l] = term[ShiftWidth] && !nonfinite[l] && (act[14:0] != 15'd0);
  end

  always_ff @(posedge clk_i) begin : stage1_control
    if (!rst_ni) begin
      valid1_q <= 1'b0;
      last1_q <= 1'b0;
      nonfinite1_q <= 1'b0;
      out_valid_q <= 1'b0;
    end else begin
      if (in_fire) begin
        valid1_q <= 1'b1;
        last1_q <= last;
        nonfinite1_q <= |nonfinite;
      end else if (move1) begin
        valid1_q <= 1'b0;
      end
      if (move1 && last1_q) out_valid_q <= 1'b1;
      else if (out_fire) out_valid_q <= 1'b0;
    end
  end

  // A nonfinite activation anywhere in the group marks the group.
  logic group_nonfinite_q, group_nonfinite;
  assign group_nonfinite = group_nonfinite_q || nonfinite1_q;
  always_ff @(posedge clk_i) begin : nonfinite_flag
    if (!rst_ni) group_nonfinite_q <= 1'b0;
    else if (move1) group_nonfinite_q <= !last1_q && group_nonfinite;
  end

  logic [MantissaWidth+8:0] out_q;
  assign out_data_o = out_q;

  if (Exact != 0) begin : gen_exact
    // A lane product has at most 11 + 29 + 2^ShiftWidth bits below its sign.
    localparam bit [31:0] NeededWidth = 41 + 2 ** ShiftWidth + $clog2(Lanes);
    localparam bit [31:0] SumWidth = (NeededWidth < 64) ? NeededWidth : 64;
    logic [SumWidth-1:0] sum, sum1_q;
    logic [63:0] acc_q, acc_next;

    exact_sum #(.Lanes(Lanes), .ExpWidth(ExpWidth), .SumWidth(SumWidth)) u_sum (
      .live_i(live), .negative_i(negative), .exponent_i(exponent), .mantissa_i(mantissa), .sum_o(sum));
    assign acc_next = acc_q + 64'($signed(sum1_q));

    always_ff @(posedge clk_i) begin : registers
      if (!rst_ni) begin
        sum1_q <= '0;
        acc_q <= '0;
        out_q <= '0;
      end else begin
        if (in_fire) sum1_q <= sum;
        if (move1) acc_q <= last1_q ? 64'd0 : acc_next;
        if (move1 && last1_q) out_q <= {group_nonfinite, 8'd1, group_nonfinite ? 64'd0 : acc_next};
      end
    end
  end else begin : gen_rounded
    localparam bit [31:0] SumWidth = 11 + AlignBits + $clog2(Lanes);
    localparam bit [31:0] TopWidth = 10;
    logic                       sum_negative, sum1_negative_q, acc_negative_q, next_negative;
    logic [SumWidth-1:0]        sum_magnitude, sum1_magnitude_q;
    logic [ExpWidth-1:0]        emax, emax1_q;
    logic [AccWidth-1:0]        acc_magnitude_q, next_magnitude;
    logic signed [TopWidth-1:0] acc_top_q, next_top, sum1_top;
    logic [AccWidth:0]          next_mantissa;
    logic [7:0]                 next_exponent;

    align_sum #(.Lanes(Lanes), .ExpWidth(ExpWidth), .AlignBits(AlignBits), .Rounding(Rounding)) u_sum (
      .live_i(live), .negative_i(negative), .exponent_i(exponent), .mantissa_i(mantissa),
      .emax_o(emax), .negative_o(sum_negative), .magnitude_o(sum_magnitude));

    assign sum1_top = TopWidth'(emax1_q) + TopWidth'(SumWidth - AlignBits);
    accumulate_rounded #(
      .AccWidth(AccWidth), .GuardBits(GuardBits), .SumWidth(SumWidth), .Rounding(Rounding), .TopWidth(TopWidth)
    ) u_accumulate (
      .acc_negative_i(acc_negative_q), .acc_magnitude_i(acc_magnitude_q), .acc_top_i(acc_top_q),
      .sum_negative_i(sum1_negative_q), .sum_magnitude_i(sum1_magnitude_q), .sum_top_i(sum1_top),
      .negative_o(next_negative), .magnitude_o(next_magnitude), .top_o(next_top));

    logic drop;  // nothing to report but zeros
    assign drop = group_nonfinite || (next_magnitude == '0);
    assign next_mantissa = next_negative ? -{1'b0, next_magnitude} : {1'b0, next_magnitude};
    assign next_exponent = 8'(next_top - TopWidth'(AccWidth));

    always_ff @(posedge clk_i) begin : registers
      if (!rst_ni) begin
        sum1_negative_q <= 1'b0;
        sum1_magnitude_q <= '0;
        emax1_q <= '0;
        acc_negative_q <= 1'b0;
        acc_magnitude_q <= '0;
        acc_top_q <= '0;
        out_q <= '0;
      end else begin
        if (in_fire) begin
          sum1_negative_q <= sum_negative;
          sum1_magnitude_q <= sum_magnitude;
          emax1_q <= emax;
        end
        if (move1) begin
          acc_negative_q <= next_negative && !last1_q;
          acc_magnitude_q <= last1_q ? '0 : next_magnitude;
          acc_top_q <= next_top;
        end
        if (move1 && last1_q) begin
          out_q <= {group_nonfinite, drop ? 8'd0 : next_exponent, drop ? (AccWidth+1)'(0) : next_mantissa};
        end
      end
    end
  end
endmodule
