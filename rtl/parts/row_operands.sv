// What a row of PEs shares with FP16 activations: stage 0 with the aligned activations, and beside stage 1 the exponent
// of the beat and whether the group so far saw a nonfinite activation. The enables are those of group_control; take_i
// is load0_o, or load0_o in the first plane of a chunk, whose activations the other planes keep.
(* keep_hierarchy *)
module row_operands #(
  parameter bit [31:0] Lanes = 4,
  parameter bit [31:0] AlignBits = 6,
  localparam bit [31:0] ValueWidth = 12 + AlignBits
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,
  input  logic                        take_i,
  input  logic                        load1_i,
  input  logic                        accumulate_i,
  input  logic                        finish_i,
  input  logic [Lanes*16-1:0]         act_i,
  output logic [Lanes*ValueWidth-1:0] value0_o,     // two's complement
  output logic [4:0]                  emax1_o,
  output logic                        nonfinite1_o  // stage 1 or an earlier beat of its group
);
  logic [Lanes*ValueWidth-1:0] value, value0_q;
  logic [4:0] emax, emax0_q, emax1_q;
  logic nonfinite, nonfinite0_q, nonfinite1_q, group_nonfinite_q;

  row_align #(.Lanes(Lanes), .AlignBits(AlignBits)) u_align (
    .act_i, .value_o(value), .emax_o(emax), .nonfinite_o(nonfinite));

  assign value0_o = value0_q;
  assign emax1_o = emax1_q;
  assign nonfinite1_o = group_nonfinite_q || nonfinite1_q;
  always_ff @(posedge clk_i) begin
    if (take_i) begin
      value0_q <= value;
      emax0_q <= emax;
      nonfinite0_q <= nonfinite;
    end
    if (load1_i) begin
      emax1_q <= emax0_q;
      nonfinite1_q <= nonfinite0_q;
    end
    if (!rst_ni) group_nonfinite_q <= 1'b0;
    else if (accumulate_i) group_nonfinite_q <= !finish_i && nonfinite1_o;
  end
endmodule
