// term_encoder turns codes of every format into bit-serial terms (kernels/ARITHMETIC.md 1, kernels/TIMING.md).
//
// Function    Each code becomes `terms` terms {negative, nonzero, shift}, worth ±2^shift, one per cycle: the radix-4
//             Booth digits of code - zero (integers), or the terms listed in a writable table (every other alphabet).
// Parameters  Lanes x Cols codes per beat; 2^TableBits table entries of TableTerms terms; ShiftWidth bits per shift.
//             TableTerms * (2 + ShiftWidth) <= 32, TableBits <= 7.
// Input       {zero[Cols] x8, selector[Cols] x2, code[Cols*Lanes] x8}, first field lowest: code, selector, zero.
// Output      {last, term[Cols*Lanes] x(2+ShiftWidth)}.
// Latency     0: the output is combinational from the input and the term counter.
// Throughput  One output beat per cycle; one input beat per `terms` cycles.
// Handshake   out_valid = in_valid; in_ready = out_ready on the last term. Configuration writes are always accepted.
// Cycles      n input beats take n * terms cycles without stalls.
module term_encoder #(
  parameter bit [31:0] Lanes = 4,
  parameter bit [31:0] Cols = 8,
  parameter bit [31:0] TableBits = 4,
  parameter bit [31:0] TableTerms = 2,
  parameter bit [31:0] ShiftWidth = 3
) (
  input  logic                                     clk_i,
  input  logic                                     rst_ni,
  input  logic                                     cfg_valid_i,
  input  logic [7:0]                               cfg_addr_i,
  input  logic [31:0]                              cfg_data_i,
  input  logic                                     in_valid_i,
  output logic                                     in_ready_o,
  input  logic [Cols*(Lanes*8+10)-1:0]             in_data_i,
  output logic                                     out_valid_o,
  input  logic                                     out_ready_i,
  output logic [Cols*Lanes*(2+ShiftWidth):0]       out_data_o
);
  localparam bit [31:0] TermWidth = 2 + ShiftWidth;
  localparam bit [31:0] Entries = 2 ** TableBits;
  localparam bit [31:0] EntryWidth = TableTerms * TermWidth;
  localparam bit [31:0] Codes = Cols * Lanes;
  localparam logic [8:0] SpecialBase = 9'(Entries);
  localparam logic [8:0] ControlAddr = 9'(Entries + 4);

  // The program is the table, the specials and {special_code, has_special, terms, unsigned_code, table_mode}.
  logic [Entries*EntryWidth-1:0] entries_q, entries_reset;
  logic [4*EntryWidth-1:0]       specials_q, specials_reset;
  logic [13:0]                   control_q, control_reset;

  term_encoder_reset #(.TableBits(TableBits), .TableTerms(TableTerms), .ShiftWidth(ShiftWidth)) u_reset (
    .entries_o(entries_reset), .specials_o(specials_reset), .control_o(control_reset));

  logic [8:0] address;
  assign address = {1'b0, cfg_addr_i};
  always_ff @(posedge clk_i) begin : program_write
    if (!rst_ni) begin
      entries_q <= entries_reset;
      specials_q <= specials_reset;
      control_q <= control_reset;
    end else if (cfg_valid_i) begin
      for (int unsigned i = 0; i < Entries; i++) begin
        if (address == 9'(i)) entries_q[i*EntryWidth +: EntryWidth] <= cfg_data_i[EntryWidth-1:0];
      end
      for (int unsigned s = 0; s < 4; s++) begin
        if (address == SpecialBase + 9'(s)) specials_q[s*EntryWidth +: EntryWidth] <= cfg_data_i[EntryWidth-1:0];
      end
      if (address == ControlAddr) control_q <= cfg_data_i[13:0];
    end
  end

  // Term counter.
  logic [2:0] term_q, last_term;
  logic       last;
  assign last_term = (control_q[4:2] == 3'd0) ? 3'd0 : control_q[4:2] - 3'd1;
  assign last = (term_q == last_term);
  always_ff @(posedge clk_i) begin : term_counter
    if (!rst_ni) term_q <= 3'd0;
    else if (out_valid_o && out_ready_i) term_q <= last ? 3'd0 : term_q + 3'd1;
  end

  assign out_valid_o = in_valid_i;
  assign in_ready_o = out_ready_i && last;

  // The table is reduced to the current term, once for all lanes.
  logic [Entries*TermWidth-1:0] entries_term;
  logic [4*TermWidth-1:0]       specials_term;
  always_comb begin : select_term
    entries_term = '0;
    specials_term = '0;
    for (int unsigned k = 0; k < TableTerms; k++) begin
      if (term_q == 3'(k)) begin
        for (int unsigned i = 0; i < Entries; i++) begin
          entries_term[i*TermWidth +: TermWidth] = entries_q[i*EntryWidth+k*TermWidth +: TermWidth];
        end
        for (int unsigned s = 0; s < 4; s++) begin
          specials_term[s*TermWidth +: TermWidth] = specials_q[s*EntryWidth+k*TermWidth +: TermWidth];
        end
      end
    end
  end

  for (genvar c = 0; c < Cols; c++) begin : gen_col
    for (genvar l = 0; l < Lanes; l++) begin : gen_lane
      term_decode #(.TableBits(TableBits), .ShiftWidth(ShiftWidth)) u_decode (
        .table_mode_i   (control_q[0]),
        .unsigned_code_i(control_q[1]),
        .has_special_i  (control_q[5]),
        .special_code_i (control_q[13:6]),
        .term_i         (term_q),
        .entries_i      (entries_term),
        .specials_i     (specials_term),
        .code_i         (in_data_i[(c*Lanes+l)*8 +: 8]),
        .selector_i     (in_data_i[Codes*8+c*2 +: 2]),
        .zero_i         (in_data_i[Codes*8+Cols*2+c*8 +: 8]),
        .term_o         (out_data_o[(c*Lanes+l)*TermWidth +: TermWidth])
      );
    end
  end
  assign out_data_o[Codes*TermWidth] = last;

  logic unused_cfg;
  assign unused_cfg = ^cfg_data_i;
endmodule
