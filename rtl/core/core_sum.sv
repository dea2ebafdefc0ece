// One adder of the output buffer: a result of this block of inputs is added to what the word holds.
//
// Function    sum_o is a_i + b_i in FP32 with one rounding to nearest, ties to even. Combinational.
// Synthesis   It is kept as a module of its own, because there is one for each result that the array gives in a cycle.
(* keep_hierarchy *)
module core_sum (
  input  logic [31:0] a_i,
  input  logic [31:0] b_i,
  output logic [31:0] sum_o
);
  fp32_add u_add (.a_i, .b_i, .sum_o);
endmodule
