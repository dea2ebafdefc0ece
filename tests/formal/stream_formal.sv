// The proof harness of the stream handshake, for any unit `UNIT with parameters `PARAMS: an output beat that is valid
// and not taken stays, unchanged. The environment keeps the same promise on the input side, and never resets after the
// first cycle. `trigger_o` = 1 is a broken promise, and `checked_o` = 1 a cycle in which a beat was waiting. With DEAF
// the unit is told that every beat is taken, so a waiting beat must vanish; with REACH only `checked_o` is kept. Both
// leave data alone, so that Yosys drops the data path, which would be unrolled for nothing.
module stream_formal (
  input  logic                clk_i,
  input  logic                in_valid_i,
  input  logic [`IN_BITS-1:0] in_data_i,
  input  logic                out_ready_i,
  output logic                trigger_o,
  output logic                checked_o
);
  // The first cycle resets. A beat that was offered and not taken is offered again.
  logic started_q = 1'b0;
  always_ff @(posedge clk_i) started_q <= 1'b1;

  logic                in_ready, out_valid, in_waits_q, out_waits_q;
  logic [`IN_BITS-1:0] in_data, in_data_q;
  logic                in_valid;
  logic [`OUT_BITS-1:0] out_data, out_data_q;
  assign in_valid = started_q && (in_waits_q || in_valid_i);
  assign in_data = in_waits_q ? in_data_q : in_data_i;

  `UNIT #(`PARAMS) u_dut (
    .clk_i(clk_i), .rst_ni(started_q),
`ifdef HAS_CONFIG
    .cfg_valid_i(1'b0), .cfg_addr_i(8'd0), .cfg_data_i(32'd0),
`endif
    .in_valid_i(in_valid), .in_ready_o(in_ready), .in_data_i(in_data),
`ifdef DEAF
    .out_ready_i(1'b1),
`else
    .out_ready_i(out_ready_i),
`endif
    .out_valid_o(out_valid), .out_data_o(out_data));

  always_ff @(posedge clk_i) begin
    in_waits_q <= started_q && in_valid && !in_ready;
    in_data_q <= in_data;
    out_waits_q <= started_q && out_valid && !out_ready_i;
    out_data_q <= out_data;
  end
  initial in_waits_q = 1'b0;
  initial out_waits_q = 1'b0;

  assign checked_o = out_waits_q;
`ifdef REACH
  assign trigger_o = 1'b0;
`elsif DEAF
  assign trigger_o = out_waits_q && !out_valid;
`else
  assign trigger_o = out_waits_q && (!out_valid || (out_data != out_data_q));
`endif
endmodule
