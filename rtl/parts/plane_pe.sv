// PE of plane_tile: aligned activations added or subtracted by one plane per beat (plane_dot); stage 1 of group_sum holds P.
// Kept as a module of its own in synthesis, as byte_pe is.
(* keep_hierarchy *)
module plane_pe #(
  parameter int unsigned Lanes = 4,
  parameter int unsigned AlignBits = 6,
  parameter int unsigned AccWidth = 20,
  parameter int unsigned GuardBits = 3,
  localparam int unsigned ValueWidth = 12 + AlignBits
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,
  input  logic                        load1_i,
  input  logic                        first0_i,  // stage 0 holds the first plane of a chunk
  input  logic [Lanes*ValueWidth-1:0] value0_i,
  input  logic [Lanes-1:0]            plane0_i,
  input  logic                        accumulate_i,
  input  logic                        finish_i,
  input  logic [4:0]                  emax1_i,
  input  logic                        nonfinite1_i,
  output logic [AccWidth+9:0]         out_data_o
);
  localparam int unsigned SumWidth = ValueWidth + 7 + $clog2(Lanes);  // eight planes: below 2^8 per unit
  logic                negative1;
  logic [SumWidth-1:0] magnitude1;
  logic [SumWidth:0]   sum;
  plane_dot #(.Lanes(Lanes), .ValueWidth(ValueWidth), .SumWidth(SumWidth)) u_dot (
    .first_i(first0_i), .negative_i(negative1), .magnitude_i(magnitude1), .value_i(value0_i), .plane_i(plane0_i), .sum_o(sum));
  group_sum #(
    .SumWidth(SumWidth), .AlignBits(AlignBits), .AccWidth(AccWidth), .GuardBits(GuardBits)
  ) u_sum (
    .clk_i, .rst_ni, .load1_i, .sum_i(sum), .negative1_o(negative1), .magnitude1_o(magnitude1),
    .accumulate_i, .finish_i, .emax1_i, .nonfinite1_i, .out_data_o);
endmodule
