// The valid bits of an elastic pipeline of Stages registers, the last of which is the output register
// (kernels/TIMING.md). Where load_o[k] = 1, register k takes its input at the coming edge.
module elastic_control #(
  parameter bit [31:0] Stages = 2
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  input  logic              in_valid_i,
  output logic              in_ready_o,
  output logic              out_valid_o,
  input  logic              out_ready_i,
  output logic [Stages-1:0] load_o
);
  // A register is free when it or any behind it is empty, or the receiver takes the last one.
  logic [Stages-1:0] valid_q, free, offered, next_free;
  for (genvar k = 0; k < Stages; k++) begin : gen_stage
    assign free[k] = out_ready_i || !(&valid_q[Stages-1:k]);
    assign offered[k] = (k == 0) ? in_valid_i : valid_q[(k == 0) ? 0 : k-1];
    assign next_free[k] = (k == Stages - 1) ? out_ready_i : free[(k == Stages - 1) ? 0 : k+1];
  end
  assign load_o = offered & free;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) valid_q <= '0;
    else valid_q <= load_o | (valid_q & ~next_free);
  end
  assign in_ready_o = free[0];
  assign out_valid_o = valid_q[Stages-1];
endmodule
