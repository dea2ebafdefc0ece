// PE of int8_mac_tile (Exact = 1, ValueWidth = 8) and fp16_int8_mac_tile (ValueWidth = 12 + AlignBits): values times signed bytes.
// Kept as a module of its own in synthesis, as a designer keeps a PE that is placed 64 times.
(* keep_hierarchy *)
module byte_pe #(
  parameter int unsigned Exact = 0,
  parameter int unsigned Lanes = 4,
  parameter int unsigned ValueWidth = 18,
  parameter int unsigned AlignBits = 6,
  parameter int unsigned AccWidth = 20,
  parameter int unsigned GuardBits = 3
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,
  input  logic                        load1_i,
  input  logic [Lanes*ValueWidth-1:0] value0_i,
  input  logic [Lanes*12-1:0]         digit0_i,  // of the weights (booth_digits)
  input  logic                        accumulate_i,
  input  logic                        finish_i,
  input  logic [4:0]                  emax1_i,
  input  logic                        nonfinite1_i,
  output logic [AccWidth+9:0]         out_data_o
);
  // -128 times -128 in every lane needs one bit more; aligned activations stay below their power of two.
  localparam int unsigned SumWidth = ValueWidth + 6 + $clog2(Lanes) + ((Exact != 0) ? 1 : 0);
  logic [SumWidth:0] sum;
  row_dot #(.Lanes(Lanes), .ValueWidth(ValueWidth), .SumWidth(SumWidth)) u_dot (
    .value_i(value0_i), .digit_i(digit0_i), .sum_o(sum));

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
