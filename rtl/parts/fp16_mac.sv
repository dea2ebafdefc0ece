// One FP16 x FP16 + FP32 multiply-accumulate unit of the baseline: it registers the exact product, then the FP32 sum.
// Operands are as fp16_operand gives them. chain_i is the neighbour's sum, taken when shift_i (never together with
// add_i). It stays a module of its own in synthesis, as a designer keeps a PE that is placed 64 times.
(* keep_hierarchy *)
module fp16_mac (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        multiply_i,
  input  logic        add_i,
  input  logic        shift_i,
  input  logic [19:0] activation_i,
  input  logic [19:0] weight_i,
  input  logic [31:0] chain_i,
  output logic [31:0] sum_o
);
  logic sign, infinite, nan, zero;
  logic [21:0] product;
  logic [6:0] exponent;
  logic [7:0] biased;
  logic [20:0] fraction;
  logic [29:0] product_d, product_q;
  logic [31:0] added, sum_q;

  assign sign = activation_i[19] ^ weight_i[19];
  assign product = activation_i[10:0] * weight_i[10:0];
  assign zero = !product[21] && !product[20];
  // 0 x Inf is NaN: a zero operand is one with neither a significand nor a flag.
  assign nan = activation_i[17] || weight_i[17] ||
               (activation_i[18] && !weight_i[10] && !weight_i[18]) ||
               (weight_i[18] && !activation_i[10] && !activation_i[18]);
  assign infinite = activation_i[18] || weight_i[18];

  // The product of two operands is product * 2^(ea + ew - 70), which is always a normal FP32 number with at most 21
  // fraction bits.
  assign exponent = {1'b0, activation_i[16:11]} + {1'b0, weight_i[16:11]};
  assign biased = {1'b0, exponent} + 8'd77 + {7'b0, product[21]};
  assign fraction = product[21] ? product[20:0] : {product[19:0], 1'b0};

  always_comb begin
    if (nan) product_d = {1'b0, 8'hFF, 21'h100000};
    else if (infinite) product_d = {sign, 8'hFF, 21'b0};
    else if (zero) product_d = {sign, 29'b0};
    else product_d = {sign, biased, fraction};
  end

  fp32_add u_add (
    .a_i  (sum_q),
    .b_i  ({product_q, 2'b0}),
    .sum_o(added)
  );

  always_ff @(posedge clk_i) begin
    if (multiply_i) product_q <= product_d;
    if (!rst_ni) sum_q <= '0;
    else if (add_i) sum_q <= added;
    else if (shift_i) sum_q <= chain_i;
  end
  assign sum_o = sum_q;
endmodule
