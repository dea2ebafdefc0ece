// Stage 1, accumulator and result register of one PE that sums integers (ARITHMETIC.md 7). The enables are those of
// group_control. Exact = 0: S is worth S * 2^(emax1 - AlignBits - 25) and is added in floating point (section 2, step
// 2). Exact = 1: activations are INT8, M += S modulo 2^(AccWidth+1), X = 25. emax1_i and nonfinite1_i are those of
// row_operands (0 with Exact = 1). Stage 1 holds S as sign and magnitude. A unit whose beat comes in parts (planes)
// reads it back and offers P = 2 P + S instead of S; what sum_i then is stays its affair.
module group_sum #(
  parameter bit [31:0] Exact = 0,
  parameter bit [31:0] SumWidth = 26,  // bits of |S|
  parameter bit [31:0] AlignBits = 6,
  parameter bit [31:0] AccWidth = 20,
  parameter bit [31:0] GuardBits = 3
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                load1_i,
  input  logic [SumWidth:0]   sum_i,         // two's complement
  output logic                negative1_o,
  output logic [SumWidth-1:0] magnitude1_o,  // the low bits of S with Exact = 1
  input  logic                accumulate_i,
  input  logic                finish_i,
  input  logic [4:0]          emax1_i,
  input  logic                nonfinite1_i,
  output logic [AccWidth+9:0] out_data_o     // {nonfinite, exponent x8, mantissa x(AccWidth+1)}
);
  if (Exact != 0) begin : gen_exact
    logic [SumWidth:0] sum1_q;
    logic [AccWidth:0] acc_q, total, out_q;
    assign total = acc_q + (AccWidth+1)'($signed(sum1_q));
    always_ff @(posedge clk_i) begin
      if (load1_i) sum1_q <= sum_i;
      if (!rst_ni) acc_q <= '0;
      else if (accumulate_i) acc_q <= finish_i ? '0 : total;
      if (finish_i) out_q <= total;
    end
    assign negative1_o = sum1_q[SumWidth];
    assign magnitude1_o = sum1_q[SumWidth-1:0];
    assign out_data_o = {1'b0, 8'd25, out_q};
    logic unused_row;
    assign unused_row = ^{emax1_i, nonfinite1_i};
  end else begin : gen_rounded
    localparam bit [31:0] TopWidth = 10;
    logic                       negative1_q, acc_negative_q, next_negative;
    logic [SumWidth-1:0]        magnitude1_q;
    logic [AccWidth-1:0]        acc_magnitude_q, next_magnitude;
    logic signed [TopWidth-1:0] acc_top_q, next_top, sum_top;
    logic [AccWidth:0]          next_mantissa;
    logic [7:0]                 next_exponent;
    logic [AccWidth+9:0]        out_q;

    assign sum_top = TopWidth'(emax1_i) + TopWidth'(SumWidth - AlignBits);
    accumulate_rounded #(
      .AccWidth(AccWidth), .GuardBits(GuardBits), .SumWidth(SumWidth), .TopWidth(TopWidth)
    ) u_accumulate (
      .acc_negative_i(acc_negative_q), .acc_magnitude_i(acc_magnitude_q), .acc_top_i(acc_top_q),
      .sum_negative_i(negative1_q), .sum_magnitude_i(magnitude1_q), .sum_top_i(sum_top),
      .negative_o(next_negative), .magnitude_o(next_magnitude), .top_o(next_top));

    logic drop;  // nothing to report but zeros
    assign drop = nonfinite1_i || (next_magnitude == '0);
    assign next_mantissa = next_negative ? -{1'b0, next_magnitude} : {1'b0, next_magnitude};
    assign next_exponent = 8'(next_top - TopWidth'(AccWidth));

    always_ff @(posedge clk_i) begin
      if (load1_i) begin
        negative1_q <= sum_i[SumWidth];
        magnitude1_q <= sum_i[SumWidth] ? -sum_i[SumWidth-1:0] : sum_i[SumWidth-1:0];
      end
      if (!rst_ni) begin
        acc_negative_q <= 1'b0;
        acc_magnitude_q <= '0;
        acc_top_q <= '0;
      end else if (accumulate_i) begin
        acc_negative_q <= next_negative && !finish_i;
        acc_magnitude_q <= finish_i ? '0 : next_magnitude;
        acc_top_q <= next_top;
      end
      if (finish_i) out_q <= {nonfinite1_i, drop ? 8'd0 : next_exponent, drop ? (AccWidth+1)'(0) : next_mantissa};
    end
    assign negative1_o = negative1_q;
    assign magnitude1_o = magnitude1_q;
    assign out_data_o = out_q;
  end
endmodule
