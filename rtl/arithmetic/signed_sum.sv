// Adds Count magnitudes with signs in two's complement, modulo 2^SumWidth. -m is ~m in Width bits, less 2^Width, plus
// 1: the corrections of all negative ones are two additions of their number. It is combinational.
module signed_sum #(
  parameter bit [31:0] Count = 16,
  parameter bit [31:0] Width = 8,
  parameter bit [31:0] SumWidth = 13
) (
  input  logic [Count*Width-1:0] magnitude_i,
  input  logic [Count-1:0]       negative_i,
  output logic [SumWidth-1:0]    sum_o
);
  localparam bit [31:0] CountWidth = $clog2(Count + 1);
  logic [Count*Width-1:0] flipped;
  for (genvar i = 0; i < Count; i++) begin : gen_flip
    assign flipped[i*Width +: Width] = magnitude_i[i*Width +: Width] ^ {Width{negative_i[i]}};
  end

  logic [SumWidth-1:0]   sum;
  logic [CountWidth-1:0] negatives;
  always_comb begin
    sum = '0;
    negatives = '0;
    for (int unsigned i = 0; i < Count; i++) begin
      sum = sum + SumWidth'(flipped[i*Width +: Width]);
      negatives = negatives + CountWidth'(negative_i[i]);
    end
  end
  assign sum_o = sum + SumWidth'(negatives) - (SumWidth'(negatives) << Width);
endmodule
