// Controls a group pipeline (kernels/TIMING.md) of stage 0 (operands), stage 1 (the sum of a beat), accumulator and
// result register. With load0_o or load1_o that stage takes its input at the coming edge. With accumulate_o stage 1
// enters the accumulator; with finish_o the total goes to the result register instead, and the accumulator is cleared.
// complete_i belongs to the beat in stage 0: stage 1 is worth accumulating once it has taken it (1 where every beat
// is). last0_o and last1_o say that the beat in that stage ends a group.
module group_control (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic in_valid_i,
  input  logic in_last_i,
  input  logic complete_i,
  output logic in_ready_o,
  output logic out_valid_o,
  input  logic out_ready_i,
  output logic load0_o,
  output logic load1_o,
  output logic accumulate_o,
  output logic finish_o,
  output logic last0_o,
  output logic last1_o
);
  logic valid0_q, valid1_q, last0_q, last1_q, out_valid_q;
  assign accumulate_o = valid1_q && !(last1_q && out_valid_q && !out_ready_i);
  assign finish_o = accumulate_o && last1_q;
  assign load1_o = valid0_q && (!valid1_q || accumulate_o);
  assign in_ready_o = !valid0_q || load1_o;
  assign load0_o = in_valid_i && in_ready_o;
  assign out_valid_o = out_valid_q;
  assign last0_o = last0_q;
  assign last1_o = last1_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      valid0_q <= 1'b0;
      valid1_q <= 1'b0;
      last0_q <= 1'b0;
      last1_q <= 1'b0;
      out_valid_q <= 1'b0;
    end else begin
      valid0_q <= load0_o || (valid0_q && !load1_o);
      valid1_q <= load1_o ? complete_i : (valid1_q && !accumulate_o);
      out_valid_q <= finish_o || (out_valid_q && !out_ready_i);
      if (load0_o) last0_q <= in_last_i;
      if (load1_o) last1_q <= last0_q;
    end
  end
endmodule
