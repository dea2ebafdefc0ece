// Generates SystemVerilog from quant/ and golden functions: the encoder's reset program, and reference tables for
// proofs.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "quant/formats/format.hpp"

namespace subbyte::testbenches {

struct GeneratedFile {
  std::string path;  ///< relative to the repository root
  std::string text;
};

/// Returns terms_<format>.sv of every row that says it has one (FormatUses::term_table).
std::vector<GeneratedFile> term_tables(std::span<const quant::FormatRow> rows);

/// Returns every file of rtl/generated/. The committed copies must equal these (tests/term_encoder_test.cpp).
/// - term_encoder_reset.sv holds the program of bitmod-fp4, cut to the encoder's parameters: an entry beyond the 16
///   codes or a term beyond the two of a level is zero, and a shift keeps its low ShiftWidth bits.
/// - terms_<format>.sv maps (code, selector, zero, term number) to legal and {negative, nonzero, shift x6}, and holds
///   the format's control word. legal says that the format has this code, selector and zero; integers are as they
///   stand in a beat, extended to 8 bits.
/// - table_<unit>.sv is for a combinational unit at the smallest value of its first parameter. It maps the input beat
///   to the output beat of the golden function, for every input.
/// - terms_booth.sv maps (v of 9 bits, term number) to {negative, nonzero, shift x6}, for every v.
std::vector<GeneratedFile> generated_tables();

}  // namespace subbyte::testbenches
