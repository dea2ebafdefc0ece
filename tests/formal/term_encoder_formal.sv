// Proof harness: after reset and programming through the configuration port, every term of term_encoder equals the
// table generated from quant/ (module `REF), for every legal code, selector and zero, in every order and under every
// stall. The table itself is written through the port from the reference, except with RESET_PROGRAM, where the reset
// program is proven. Phases: 0 reset, 1..LastWrite configuration writes, then free running. `trigger_o` = 1 is a wrong
// term, `checked_o` = 1 a compared one.
module term_encoder_formal (
  input  logic       clk_i,
  input  logic [7:0] code_i,
  input  logic [1:0] selector_i,
  input  logic [7:0] zero_i,
  input  logic       in_valid_i,
  input  logic       out_ready_i,
  output logic       trigger_o,
  output logic       checked_o
);
  localparam logic [4:0] LastWrite = 5'd21;  // 16 entries, 4 specials, control

  logic [4:0] phase_q = 5'd0;
  logic       running;
  logic [13:0] control;
  assign running = (phase_q > LastWrite);
  always_ff @(posedge clk_i) begin
    if (phase_q == 5'd0 && !control[0]) phase_q <= LastWrite;  // Booth mode reads no table: the control word alone
    else if (!running) phase_q <= phase_q + 5'd1;
  end

  // The word of this phase's write holds two terms of the entry, {negative, nonzero, shift x3} each.
  logic [4:0]  address;
  logic [7:0]  entry_code, word_term0, word_term1;
  logic [1:0]  entry_selector;
  logic [13:0] unused_control0, unused_control1;
  logic        unused_legal0, unused_legal1;
  assign address = phase_q - 5'd1;
  assign entry_code = address[4] ? control[13:6] : {4'd0, address[3:0]};
  assign entry_selector = address[4] ? address[1:0] : 2'd0;
  `REF u_word0 (.code_i(entry_code), .selector_i(entry_selector), .zero_i(8'd0), .index_i(3'd0),
                .legal_o(unused_legal0),
                .term_o(word_term0), .control_o(control));
  `REF u_word1 (.code_i(entry_code), .selector_i(entry_selector), .zero_i(8'd0), .index_i(3'd1),
                .legal_o(unused_legal1),
                .term_o(word_term1), .control_o(unused_control1));
  logic [31:0] word;
  assign word = (address == 5'd20) ? {18'd0, control}
                                   : {22'd0, word_term1[7:6], word_term1[2:0], word_term0[7:6], word_term0[2:0]};
  logic write;
`ifdef RESET_PROGRAM
  assign write = 1'b0;
`else
  assign write = !running && (phase_q != 5'd0);
`endif

  logic       in_ready, out_valid;
  logic [5:0] out_data;
  term_encoder #(.Lanes(1), .Cols(1)) u_dut (
    .clk_i(clk_i), .rst_ni(phase_q != 5'd0), .cfg_valid_i(write), .cfg_addr_i({3'd0, address}), .cfg_data_i(word),
    .in_valid_i(running && in_valid_i), .in_ready_o(in_ready), .in_data_i({zero_i, selector_i, code_i}),
    .out_valid_o(out_valid), .out_ready_i(out_ready_i), .out_data_o(out_data));

  // The harness counts terms by itself.
  logic [2:0] term_q = 3'd0, last_term;
  logic       last, legal;
  logic [7:0] expected;
  assign last_term = control[4:2] - 3'd1;
  assign last = (term_q == last_term);
  always_ff @(posedge clk_i) if (running && in_valid_i && out_ready_i) term_q <= last ? 3'd0 : term_q + 3'd1;
  `REF u_expected (.code_i(code_i), .selector_i(selector_i), .zero_i(zero_i), .index_i(term_q), .legal_o(legal),
                   .term_o(expected), .control_o(unused_control0));

  assign checked_o = running && in_valid_i && legal;
  assign trigger_o = checked_o && ((out_data[4:0] != {expected[7:6], expected[2:0]}) ||
                                   (out_data[5] != last) || !out_valid ||
                                   (in_ready != (out_ready_i && last)));
endmodule
