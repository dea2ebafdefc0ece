#include "testbenches/tables/tables.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <utility>

#include "kernels/catalogue.hpp"
#include "kernels/contract/unit.hpp"
#include "kernels/term_encoder.hpp"
#include "quant/formats/term_program.hpp"

namespace subbyte::testbenches {
namespace {

using quant::Term;
using quant::TermProgram;

const std::string kFolder = "rtl/generated/";
constexpr unsigned kResetTerms = 2;
constexpr unsigned kTableBits = 12;  // of an element's input

std::string hex(std::uint64_t value, unsigned digits) {
  char text[32];
  std::snprintf(text, sizeof text, "%0*llx", static_cast<int>(digits), static_cast<unsigned long long>(value));
  return text;
}

std::uint64_t byte_of(const Term& term) {
  if (!term.nonzero) return 0;
  return (term.negative ? 0x80U : 0U) | 0x40U | term.shift;
}

/// Writes a hexadecimal SystemVerilog literal of `terms` bytes, with term 0 lowest and eight bits for each.
std::string literal(const std::vector<Term>& terms, unsigned count) {
  std::string digits;
  for (unsigned t = 0; t < count; ++t) digits.insert(0, hex(t < terms.size() ? byte_of(terms[t]) : 0, 2));
  return std::to_string(count * 8) + "'h" + digits;
}

unsigned control_word(const TermProgram& program) {
  return (program.table ? 1U : 0U) | (program.unsigned_code ? 2U : 0U) | program.terms << 2 |
         (program.has_special ? 0x20U : 0U) | program.special_code << 6;
}

std::string header(const std::string& what) {
  return "// Generated from quant/ by testbenches/tables/tables.cpp; do not edit.\n// " + what + "\n";
}

std::string module_name(const std::string& format) {
  std::string name = "terms_" + format;
  std::ranges::replace(name, '-', '_');
  return name;
}

/// Writes a line for each entry, with entry 0 last.
std::string reset_entries(const std::vector<std::vector<Term>>& rows) {
  std::string text;
  for (std::size_t i = rows.size(); i-- > 0;)
    text += "    " + literal(rows[i], kResetTerms) + (i == 0 ? "" : ",") + "\n";
  return text;
}

constexpr const char* kResetPorts = R"(module term_encoder_reset #(
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
)";

constexpr const char* kResetAssigns = R"(
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
)";

std::string reset_module() {
  const auto program = quant::lower(quant::parse_format("bitmod-fp4"));
  return header("Reset program of term_encoder: bitmod-fp4, cut to the encoder's parameters.") + kResetPorts +
         "  localparam logic [255:0] Entries = {\n" + reset_entries(program.entries) + "  };\n" +
         "  localparam logic [63:0] Specials = {\n" + reset_entries(program.special_entries) + "  };\n" +
         kResetAssigns + "  assign control_o = 14'h" + hex(control_word(program), 4) + ";\nendmodule\n";
}

/// Returns how a raw code stands in a beat: two's complement codes are extended to eight bits.
unsigned beat_code(const quant::Format& format, unsigned code) {
  const unsigned bits = format.alphabet.code_bits;
  const bool negative = format.alphabet.kind == quant::CodeKind::kTwosComplement && (code >> (bits - 1) & 1) != 0;
  return negative ? (code | ~0U << bits) & 0xFFU : code;
}

std::string format_module(const quant::Format& format) {
  const auto program = quant::lower(format);
  const unsigned codes = 1U << format.alphabet.code_bits;
  const unsigned selectors = format.alphabet.selectors();
  const unsigned zeros = format.scaling.zero_point ? codes : 1;
  const unsigned bits = program.terms * 8;
  std::string text = header("Terms of " + format.name + ": reference for proofs of term_encoder.");
  text += "module " + module_name(format.name) + R"( (
  input  logic [7:0]  code_i,
  input  logic [1:0]  selector_i,
  input  logic [7:0]  zero_i,
  input  logic [2:0]  index_i,    // number of the term
  output logic        legal_o,
  output logic [7:0]  term_o,     // {negative, nonzero, shift x6}
  output logic [13:0] control_o
);
)";
  text += "  logic [" + std::to_string(bits - 1) + ":0] terms;\n  assign control_o = 14'h" +
          hex(control_word(program), 4) +
          ";\n  assign term_o = 8'(terms >> {index_i, 3'b000});\n  always_comb begin\n    legal_o = 1'b1;\n" +
          "    unique case ({zero_i, selector_i, code_i})\n";
  for (unsigned zero = 0; zero < zeros; ++zero)
    for (unsigned selector = 0; selector < selectors; ++selector)
      for (unsigned code = 0; code < codes; ++code)
        text += "      {8'h" + hex(zero, 2) + ", 2'd" + std::to_string(selector) + ", 8'h" +
                hex(beat_code(format, code), 2) +
                "}: terms = " + literal(quant::terms_of(program, code, selector, zero), program.terms) + ";\n";
  text +=
      "      default: begin\n        terms = '0;\n        legal_o = 1'b0;\n      end\n    endcase\n  end\nendmodule\n";
  return text;
}

std::string booth_module() {
  TermProgram program;  // codes are as wide as a beat's, and all five digits are there
  program.code_bits = 8;
  program.terms = kernels::kBoothDigits;
  std::string text = header("Radix-4 Booth digits of every 9-bit value: reference for proofs of term_encoder.");
  text += R"(module terms_booth (
  input  logic [8:0] value_i,
  input  logic [2:0] index_i,  // number of the term
  output logic [7:0] term_o    // {negative, nonzero, shift x6}
);
  logic [39:0] terms;
  assign term_o = 8'(terms >> {index_i, 3'b000});
  always_comb begin
    unique case (value_i)
)";
  for (unsigned pattern = 0; pattern < 512; ++pattern) {
    const int value = pattern < 256 ? static_cast<int>(pattern) : static_cast<int>(pattern) - 512;
    program.unsigned_code = value >= 0;
    const int code = value >= 0 ? value : std::max(value, -128);
    text +=
        "      9'h" + hex(pattern, 3) + ": terms = " +
        literal(quant::terms_of(program, static_cast<unsigned>(code) & 0xFFU, 0, static_cast<unsigned>(code - value)),
                kernels::kBoothDigits) +
        ";\n";
  }
  return text + "      default: terms = '0;\n    endcase\n  end\nendmodule\n";
}

/// Returns what a unit's golden function answers to every input beat of one element.
std::string unit_module(const kernels::UnitInfo& unit) {
  const kernels::Parameters point = kernels::element_point(unit);
  const unsigned in_bits = unit.input_shape(point).bits();
  if (in_bits > kTableBits) throw std::logic_error("one element of " + unit.name + " has too many bits for a table");
  const unsigned out_bits = unit.output_shape(point).bits();
  kernels::Beats inputs;
  for (std::uint64_t pattern = 0; pattern < std::uint64_t{1} << in_bits; ++pattern) inputs.append({&pattern, 1});
  const auto trace = unit.golden(point, {{}, kernels::source_of(std::move(inputs)), {}, 0}, {});
  std::string text = header("Every beat of " + unit.name + ": reference for its proof.");
  text += "module table_" + unit.name + " (\n  input  logic [" + std::to_string(in_bits - 1) +
          ":0] in_i,\n  output logic [" + std::to_string(out_bits - 1) +
          ":0] out_o\n);\n  always_comb begin\n    unique case (in_i)\n";
  const std::string in_size = std::to_string(in_bits) + "'h";
  const std::string out_size = std::to_string(out_bits) + "'h";
  for (std::uint64_t i = 0; i < trace.size(); ++i)
    text += "      " + in_size + hex(i, (in_bits + 3) / 4) + ": out_o = " + out_size +
            hex(trace.beat(i)[0], (out_bits + 3) / 4) + ";\n";
  return text + "      default: out_o = '0;\n    endcase\n  end\nendmodule\n";
}

}  // namespace

std::vector<GeneratedFile> term_tables(std::span<const quant::FormatRow> rows) {
  std::vector<GeneratedFile> files;
  for (const quant::FormatRow& row : rows)
    if (row.uses.term_table) files.push_back({kFolder + module_name(row.name) + ".sv", format_module(row.format)});
  return files;
}

std::vector<GeneratedFile> generated_tables() {
  std::vector<GeneratedFile> files{{kFolder + "term_encoder_reset.sv", reset_module()},
                                   {kFolder + "terms_booth.sv", booth_module()}};
  for (GeneratedFile& file : term_tables(quant::format_table())) files.push_back(std::move(file));
  for (const kernels::UnitInfo& unit : kernels::units()) {
    if (unit.combinational) files.push_back({kFolder + "table_" + unit.name + ".sv", unit_module(unit)});
  }
  return files;
}

}  // namespace subbyte::testbenches
