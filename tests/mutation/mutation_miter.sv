// Proof harness: module `gate` (a mutant) cannot be told from module `gold` through the streams (kernels/TIMING.md),
// from reset on, under every stall and every input, later resets included: trigger_o = 0 for ever.
// The registers of both start with arbitrary values and the first cycle is a reset. What the streams leave open is not
// compared: data beside valid = 0, and ready of the input beside valid = 0. What they promise is assumed: a waiting
// input beat is held until it is taken, and no configuration is written beside a beat.
module mutation_miter (
  input  logic                clk_i,
  input  logic                run_i,
  input  logic                cfg_valid_i,
  input  logic [7:0]          cfg_addr_i,
  input  logic [31:0]         cfg_data_i,
  input  logic                in_valid_i,
  input  logic [`IN_BITS-1:0] in_data_i,
  input  logic                out_ready_i,
  output logic                trigger_o
);
  logic started_q = 1'b0;
  logic kept_q = 1'b1;       // the promise was kept so far
  logic waiting_q = 1'b0;    // a beat waits, and this is it
  logic [`IN_BITS-1:0] data_q;
  logic rst_n, kept, differs;
  logic gold_ready, gate_ready, gold_valid, gate_valid;
  logic [`OUT_BITS-1:0] gold_data, gate_data;
  assign rst_n = started_q && run_i;

`ifdef HAS_CONFIG
  `define CONFIG .cfg_valid_i(cfg_valid_i), .cfg_addr_i(cfg_addr_i), .cfg_data_i(cfg_data_i),
`else
  `define CONFIG
`endif
  gold u_gold (.clk_i(clk_i), .rst_ni(rst_n), `CONFIG .in_valid_i(in_valid_i), .in_ready_o(gold_ready),
               .in_data_i(in_data_i),
               .out_valid_o(gold_valid), .out_ready_i(out_ready_i), .out_data_o(gold_data));
  gate u_gate (.clk_i(clk_i), .rst_ni(rst_n), `CONFIG .in_valid_i(in_valid_i), .in_ready_o(gate_ready),
               .in_data_i(in_data_i),
               .out_valid_o(gate_valid), .out_ready_i(out_ready_i), .out_data_o(gate_data));

  assign kept = kept_q && !(in_valid_i && cfg_valid_i) && (!waiting_q || (in_valid_i && in_data_i == data_q));
  always_ff @(posedge clk_i) begin
    started_q <= 1'b1;
    kept_q <= !rst_n || kept;
    waiting_q <= rst_n && in_valid_i && !gold_ready;
    data_q <= in_data_i;
  end
  assign differs = gold_valid != gate_valid || (gold_valid && gold_data != gate_data) ||
                   (in_valid_i && gold_ready != gate_ready);
  assign trigger_o = rst_n && kept && differs;
endmodule
