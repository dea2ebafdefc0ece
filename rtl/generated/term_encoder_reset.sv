// Generated from quant/ by testbenches/tables/tables.cpp; do not edit.
// Reset program of term_encoder: bitmod-fp4, cut to the encoder's parameters.
module term_encoder_reset #(
  parameter bit [31:0] TableBits = 4,
  parameter bit [31:0] TableTerms = 2,
  parameter bit [31:0] ShiftWidth = 3
) (
  output logic [(2**TableBits)*TableTerms*(2+ShiftWidth)-1:0] entries_o,
  output logic [4*TableTerms*(2+ShiftWidth)-1:0]              specials_o,
  output logic [13:0]                                         control_o
);
  localparam bit [31:0] TermWidth = 2 + ShiftWidth;
  // Entry 0 (special 0) lowest, term 0 of an entry lowest; a term is {negative, nonzero, shift x6}.
  localparam logic [255:0] Entries = {
    16'h42c4,
    16'h00c3,
    16'h41c3,
    16'h00c2,
    16'h40c2,
    16'h00c1,
    16'h00c0,
    16'h0000,
    16'hc244,
    16'h0043,
    16'hc143,
    16'h0042,
    16'hc042,
    16'h0041,
    16'h0040,
    16'h0000
  };
  localparam logic [63:0] Specials = {
    16'h00c4,
    16'h0044,
    16'hc1c3,
    16'h4143
  };

  for (genvar i = 0; i < 2 ** TableBits; i++) begin : gen_entry
    for (genvar t = 0; t < TableTerms; t++) begin : gen_term
      if (i < 16 && t < 2) begin : gen_used
        assign entries_o[(i*TableTerms+t)*TermWidth +: TermWidth] =
            {Entries[i*16+t*8+6 +: 2], Entries[i*16+t*8 +: ShiftWidth]};
      end else begin : gen_zero
        assign entries_o[(i*TableTerms+t)*TermWidth +: TermWidth] = '0;
      end
    end
  end
  for (genvar s = 0; s < 4; s++) begin : gen_special
    for (genvar t = 0; t < TableTerms; t++) begin : gen_term
      if (t < 2) begin : gen_used
        assign specials_o[(s*TableTerms+t)*TermWidth +: TermWidth] =
            {Specials[s*16+t*8+6 +: 2], Specials[s*16+t*8 +: ShiftWidth]};
      end else begin : gen_zero
        assign specials_o[(s*TableTerms+t)*TermWidth +: TermWidth] = '0;
      end
    end
  end
  assign control_o = 14'h0229;
endmodule
