// PE of ternary_tile: integers times ternary weights (ternary_dot) into a group sum. Exact = 1: INT8 activations.
// Kept as a module of its own in synthesis, as byte_pe is.
(* keep_hierarchy *)
module ternary_pe #(
  parameter int unsigned Exact = 0,
  parameter int unsigned Sparse = 1,
  parameter int unsigned Lanes = 4,
  parameter int unsigned ValueWidth = 18,
  parameter int unsigned AlignBits = 6,
  parameter int unsigned AccWidth = 20,
  parameter int unsigned GuardBits = 3,
  localparam int unsigned WeightWidth = (Sparse != 0) ? Lanes / 4 * 6 : Lanes * 2
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,
  input  logic                        load1_i,
  input  logic [Lanes*ValueWidth-1:0] value0_i,
  input  logic [WeightWidth-1:0]      weight0_i,  // as ternary_dot takes them
  input  logic                        accumulate_i,
  input  logic                        finish_i,
  input  logic [4:0]                  emax1_i,
  input  logic                        nonfinite1_i,
  output logic [AccWidth+9:0]         out_data_o
);
  // 128 in every lane, of -128 times -1, needs one bit more; three lanes of four leave room for it.
  localparam int unsigned SumWidth = ValueWidth - 1 + $clog2(Lanes) + ((Exact != 0 && Sparse == 0) ? 1 : 0);
  logic [SumWidth:0] sum;
  ternary_dot #(.Sparse(Sparse), .Lanes(Lanes), .ValueWidth(ValueWidth), .SumWidth(SumWidth)) u_dot (
    .value_i(value0_i), .weight_i(weight0_i), .sum_o(sum));

  logic negative1;
  logic [SumWidth-1:0] magnitude1;
  group_sum #(
    .Exact(Exact), .SumWidth(SumWidth), .AlignBits(AlignBits), .AccWidth(AccWidth), .GuardBits(GuardBits)
  ) u_sum (
    .clk_i, .rst_ni, .load1_i, .sum_i(sum), .negative1_o(negative1), .magnitude1_o(magnitude1),
    .accumulate_i, .finish_i, .emax1_i, .nonfinite1_i, .out_data_o);
  logic unused_stage1;
  assign unused_stage1 = ^{negative1, magnitude1};
endmodule
