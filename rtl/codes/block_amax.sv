// Finds the largest of Count magnitudes, which are 16-bit patterns without their signs, whose order is that of the
// numbers. It is a tree and combinational.
module block_amax #(
  parameter bit [31:0] Count = 16
) (
  input  logic [16*Count-1:0] values_i,
  output logic [14:0]         amax_o
);
  // Node n is the larger of the nodes 2n and 2n+1; the leaves are the nodes Count .. 2*Count-1.
  logic [15*2*Count-1:0] nodes;
  always_comb begin
    nodes = '0;
    for (int unsigned i = 0; i < Count; i++) nodes[15*(Count+i) +: 15] = values_i[16*i +: 15];
    for (int unsigned n = Count - 1; n > 0; n--) begin
      if (nodes[30*n +: 15] > nodes[30*n+15 +: 15]) nodes[15*n +: 15] = nodes[30*n +: 15];
      else nodes[15*n +: 15] = nodes[30*n+15 +: 15];
    end
  end
  assign amax_o = nodes[29:15];

  logic unused_signs;
  assign unused_signs = ^values_i;
endmodule
