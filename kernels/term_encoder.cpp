#include "kernels/term_encoder.hpp"

#include <algorithm>
#include <stdexcept>

#include "kernels/contract/parameter_specs.hpp"

namespace subbyte::kernels {
namespace {

constexpr unsigned kTableModeBit = 0;
constexpr unsigned kUnsignedCodeBit = 1;
constexpr unsigned kTermsLow = 2;
constexpr unsigned kHasSpecialBit = 5;
constexpr unsigned kSpecialCodeLow = 6;

std::uint32_t low_bits(unsigned bits) { return bits >= 32 ? ~0U : (1U << bits) - 1; }

std::uint32_t entry_word(const EncoderParams& params, const std::vector<quant::Term>& terms) {
  std::uint32_t word = 0;
  for (std::size_t t = 0; t < terms.size() && t < params.table_terms; ++t) {
    word |= pack_term(terms[t], params.shift_width) << (t * params.term_bits());
  }
  return word;
}

std::vector<quant::Term> entry_terms(const EncoderParams& params, std::uint32_t word, unsigned terms) {
  std::vector<quant::Term> all(terms);
  for (unsigned t = 0; t < std::min(terms, params.table_terms); ++t) {
    const quant::Term term = unpack_term(word >> (t * params.term_bits()), params.shift_width);
    if (term.nonzero) all[t] = term;
  }
  return all;
}

std::uint32_t control_word(const quant::TermProgram& program) {
  return (program.table ? 1U << kTableModeBit : 0) | (program.unsigned_code ? 1U << kUnsignedCodeBit : 0) |
         program.terms << kTermsLow | (program.has_special ? 1U << kHasSpecialBit : 0) |
         (program.special_code & 0xFF) << kSpecialCodeLow;
}

/// Returns the writes of a program, cut to the widths of the parameters without a check.
std::vector<ConfigWrite> cut_writes(const EncoderParams& params, const quant::TermProgram& program) {
  std::vector<ConfigWrite> writes;
  const auto write = [&](std::size_t address, std::uint32_t data) {
    writes.push_back({static_cast<std::uint8_t>(address), data});
  };
  const std::size_t entries = std::min<std::size_t>(program.entries.size(), params.entries());
  for (std::size_t code = 0; code < entries; ++code) write(code, entry_word(params, program.entries[code]));
  for (std::size_t s = 0; s < program.special_entries.size(); ++s) {
    write(params.entries() + s, entry_word(params, program.special_entries[s]));
  }
  write(params.entries() + 4, control_word(program));
  return writes;
}

/// Returns code - zero in nine bits.
unsigned booth_difference(const EncoderTable& table, unsigned code, unsigned zero) {
  const unsigned extended = table.unsigned_code ? code & 0xFF : ((code & 0xFF) ^ 0x80) - 0x80;
  return (extended - (zero & 0xFF)) & 0x1FF;
}

TermBits booth_term(const EncoderParams& params, unsigned difference, unsigned t) {
  if (t >= kBoothDigits) return 0;
  // There is a zero below the nine bits, and the bits above them are the sign.
  const unsigned v = ((difference ^ 0x100) - 0x100) << 1;
  const unsigned window = (v >> (2 * t)) & 7;
  const int digit = static_cast<int>((window & 1) + ((window >> 1) & 1)) - 2 * static_cast<int>(window >> 2);
  if (digit == 0) return 0;
  const bool two = digit == 2 || digit == -2;
  return pack_term({digit < 0, true, static_cast<std::uint8_t>(2 * t + (two ? 1 : 0))}, params.shift_width);
}

}  // namespace

EncoderParams EncoderParams::of(const Parameters& parameters) {
  EncoderParams p;
  p.lanes = value_or(parameters, "lanes", p.lanes);
  p.cols = value_or(parameters, "cols", p.cols);
  p.table_bits = value_or(parameters, "table_bits", p.table_bits);
  p.table_terms = value_or(parameters, "table_terms", p.table_terms);
  p.shift_width = value_or(parameters, "shift_width", p.shift_width);
  return p;
}

TermBits pack_term(const quant::Term& term, unsigned shift_width) {
  return (term.negative ? 2U << shift_width : 0) | (term.nonzero ? 1U << shift_width : 0) |
         (term.shift & low_bits(shift_width));
}

quant::Term unpack_term(TermBits bits, unsigned shift_width) {
  return {((bits >> (shift_width + 1)) & 1) != 0, ((bits >> shift_width) & 1) != 0,
          static_cast<std::uint8_t>(bits & low_bits(shift_width))};
}

EncoderTable reset_table(const EncoderParams& params) {
  EncoderTable table;
  table.entries.resize(params.entries());
  const quant::TermProgram program = quant::lower(quant::parse_format("bitmod-fp4"));
  for (const ConfigWrite& write : cut_writes(params, program)) configure(params, table, write);
  return table;
}

void configure(const EncoderParams& params, EncoderTable& table, ConfigWrite write) {
  const unsigned entries = params.entries();
  if (write.address < entries) {
    table.entries[write.address] = write.data & low_bits(params.entry_bits());
  } else if (write.address < entries + 4) {
    table.special[write.address - entries] = write.data & low_bits(params.entry_bits());
  } else if (write.address == entries + 4) {
    table.table_mode = ((write.data >> kTableModeBit) & 1) != 0;
    table.unsigned_code = ((write.data >> kUnsignedCodeBit) & 1) != 0;
    table.terms = std::max(1U, (write.data >> kTermsLow) & 7);
    table.has_special = ((write.data >> kHasSpecialBit) & 1) != 0;
    table.special_code = (write.data >> kSpecialCodeLow) & 0xFF;
  }
}

TermBits encode(const EncoderParams& params, const EncoderTable& table, unsigned code, unsigned selector, unsigned zero,
                unsigned t) {
  if (!table.table_mode) return booth_term(params, booth_difference(table, code, zero), t);
  if (t >= params.table_terms) return 0;
  const unsigned index = code & (params.entries() - 1);
  const bool special = table.has_special && index == table.special_code;
  const std::uint32_t word = special ? table.special[selector & 3] : table.entries[index];
  return (word >> (t * params.term_bits())) & low_bits(params.term_bits());
}

EncoderLookup::EncoderLookup(const EncoderParams& params, const EncoderTable& table)
    : booth_(!table.table_mode), flip_(table.unsigned_code ? 0 : 0x80), rows_(booth_ ? 0x200 : 4 * 0x100) {
  for (unsigned i = 0; i < rows_.size(); ++i) {
    for (unsigned t = 0; t < 8; ++t) {
      const TermBits term = booth_ ? booth_term(params, i, t) : encode(params, table, i & 0xFF, i >> 8, 0, t);
      rows_[i][t] = static_cast<std::uint8_t>(term);
    }
  }
}

std::vector<ConfigWrite> config_writes(const EncoderParams& params, const quant::TermProgram& program) {
  const auto refuse = [](const std::string& what) { throw std::invalid_argument("term_encoder: " + what); };
  if (program.terms > kMostProgramTerms)
    refuse("a program has at most 7 terms, this one " + std::to_string(program.terms));
  if (program.table && program.terms > params.table_terms) {
    refuse("the program has " + std::to_string(program.terms) + " terms, the table holds " +
           std::to_string(params.table_terms));
  }
  if (program.entries.size() > params.entries() || program.special_entries.size() > 4) {
    refuse("the program has more entries than the table of " + std::to_string(params.entries()));
  }
  for (const auto* entries : {&program.entries, &program.special_entries}) {
    for (const std::vector<quant::Term>& terms : *entries) {
      for (const quant::Term& term : terms) {
        if (term.shift > low_bits(params.shift_width)) {
          refuse("shift " + std::to_string(term.shift) + " does not fit " + std::to_string(params.shift_width) +
                 " bits");
        }
      }
    }
  }
  return cut_writes(params, program);
}

EncoderTable table_of(const EncoderParams& params, std::span<const ConfigWrite> writes) {
  EncoderTable table = reset_table(params);
  for (const ConfigWrite& write : writes) configure(params, table, write);
  return table;
}

quant::TermProgram program_of(const EncoderParams& params, std::span<const ConfigWrite> writes) {
  const EncoderTable table = table_of(params, writes);
  quant::TermProgram program;
  program.table = table.table_mode;
  program.unsigned_code = table.unsigned_code;
  program.code_bits = table.table_mode ? params.table_bits : 8;
  program.terms = table.terms;
  program.has_special = table.table_mode && table.has_special;
  if (!table.table_mode) return program;
  for (const std::uint32_t word : table.entries) program.entries.push_back(entry_terms(params, word, table.terms));
  if (!program.has_special) return program;
  program.special_code = table.special_code;
  for (const std::uint32_t word : table.special) {
    program.special_entries.push_back(entry_terms(params, word, table.terms));
  }
  return program;
}

}  // namespace subbyte::kernels
