// Adds block values in FP32. These are the registers behind stage 0 of a group pipeline (parts/group_control). A value
// enters stage 1 with load1_i and the sum with accumulate_i; with finish_i the total goes to the result register, and
// the sum restarts at +0.
module block_accumulator (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        load1_i,
  input  logic        accumulate_i,
  input  logic        finish_i,
  input  logic [31:0] value_i,
  output logic [31:0] result_o
);
  logic [31:0] value1_q, sum_q, total, result_q;
  fp32_add u_add (.a_i(sum_q), .b_i(value1_q), .sum_o(total));
  assign result_o = result_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      value1_q <= 32'd0;
      sum_q <= 32'd0;
      result_q <= 32'd0;
    end else begin
      if (load1_i) value1_q <= value_i;
      if (accumulate_i) sum_q <= finish_i ? 32'd0 : total;
      if (finish_i) result_q <= total;
    end
  end
endmodule
