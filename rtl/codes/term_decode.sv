// Gives term number term_i of one code (ARITHMETIC.md 1), in table mode or as a radix-4 Booth digit of code - zero. The
// table arrives already reduced to this term number, so that all lanes share the reduction. It is combinational. A term
// is {negative, nonzero, shift}, shift lowest; a zero term is all zeros in Booth mode.
module term_decode #(
  parameter bit [31:0] TableBits = 4,
  parameter bit [31:0] ShiftWidth = 3
) (
  input  logic                                   table_mode_i,
  input  logic                                   unsigned_code_i,
  input  logic                                   has_special_i,
  input  logic [7:0]                             special_code_i,
  input  logic [2:0]                             term_i,      // number of the term
  input  logic [(2**TableBits)*(2+ShiftWidth)-1:0] entries_i,   // term `term_i` of every entry
  input  logic [4*(2+ShiftWidth)-1:0]            specials_i,  // term `term_i` of every special
  input  logic [7:0]                             code_i,
  input  logic [1:0]                             selector_i,
  input  logic [7:0]                             zero_i,
  output logic [2+ShiftWidth-1:0]                term_o
);
  localparam bit [31:0] TermWidth = 2 + ShiftWidth;

  // Table mode.
  logic [TableBits-1:0] index;
  logic                 special;
  logic [TermWidth-1:0] table_term;
  assign index = code_i[TableBits-1:0];
  assign special = has_special_i && (8'(index) == special_code_i);
  assign table_term = special ? specials_i[32'(selector_i)*TermWidth +: TermWidth]
                              : entries_i[32'(index)*TermWidth +: TermWidth];

  // In Booth mode digit t looks at bits 2t+1, 2t and 2t-1 of v.
  logic [8:0]            value;
  logic [15:0]           value_ext;
  logic [15:0]           value_shifted;
  logic [2:0]            window;
  logic                  booth_nonzero;
  logic                  booth_double;
  logic [3:0]            booth_shift;
  logic [TermWidth-1:0]  booth_term;
  assign value = {~unsigned_code_i & code_i[7], code_i} - {1'b0, zero_i};
  assign value_ext = {{6{value[8]}}, value, 1'b0};
  assign value_shifted = value_ext >> {term_i, 1'b0};
  assign window = value_shifted[2:0];
  assign booth_nonzero = (term_i < 3'd5) && (window != 3'b000) && (window != 3'b111);
  assign booth_double = (window == 3'b011) || (window == 3'b100);
  assign booth_shift = {term_i, booth_double};
  assign booth_term = booth_nonzero ? {window[2], 1'b1, ShiftWidth'(booth_shift)} : '0;

  assign term_o = table_mode_i ? table_term : booth_term;

  logic unused_bits;
  assign unused_bits = ^{value_shifted[15:3], booth_shift};
endmodule
