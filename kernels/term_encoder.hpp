// term_encoder turns codes into terms, through a table that can be written at run time or by radix-4 Booth recoding.
// The numbers are in kernels/ARITHMETIC.md, section 1; interface and cycles are in kernels/TIMING.md.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/contract/stimulus.hpp"
#include "kernels/contract/unit.hpp"
#include "quant/formats/term_program.hpp"

namespace subbyte::kernels {

struct EncoderParams {
  unsigned lanes = 4;
  unsigned cols = 8;
  unsigned table_bits = 4;
  unsigned table_terms = 2;
  unsigned shift_width = 3;

  /// Reads parameters that resolve() completed and ignores names that it does not know.
  static EncoderParams of(const Parameters& parameters);
  unsigned entries() const { return 1U << table_bits; }
  unsigned term_bits() const { return shift_width + 2; }
  unsigned entry_bits() const { return table_terms * term_bits(); }
};

/// The most terms of a code in a program, because the control word has three bits for their number.
inline constexpr unsigned kMostProgramTerms = 7;
/// The digits of the radix-4 Booth recoding, which are the most terms of an integer.
inline constexpr unsigned kBoothDigits = 5;

/// A term as it crosses a wire: {negative, nonzero, shift}, shift lowest. Every pattern is defined; the PE looks at
/// negative and shift only where nonzero is set.
using TermBits = std::uint32_t;
TermBits pack_term(const quant::Term& term, unsigned shift_width);
quant::Term unpack_term(TermBits bits, unsigned shift_width);

/// The encoder's registers that the configuration port writes.
struct EncoderTable {
  std::vector<std::uint32_t> entries;  ///< 2^table_bits words
  std::array<std::uint32_t, 4> special{};
  bool table_mode = false;
  bool unsigned_code = false;
  bool has_special = false;
  unsigned terms = 1;  ///< output beats per input beat, 1..7
  unsigned special_code = 0;
  bool operator==(const EncoderTable&) const = default;
};

/// Returns the registers after reset, which hold the program of bitmod-fp4, cut to the parameters' widths.
EncoderTable reset_table(const EncoderParams& params);
/// Makes one write through the configuration port; other addresses are ignored.
void configure(const EncoderParams& params, EncoderTable& table, ConfigWrite write);
/// Returns term t of a code. All inputs are raw fields of a beat (code and zero 8 bits, selector 2 bits).
TermBits encode(const EncoderParams& params, const EncoderTable& table, unsigned code, unsigned selector, unsigned zero,
                unsigned t);

/// encode() of every code, selector and zero point, laid out for speed. It is a snapshot: build it again after
/// configure().
class EncoderLookup {
 public:
  EncoderLookup(const EncoderParams& params, const EncoderTable& table);
  /// Returns terms 0 .. 7 of a code, of which those from table.terms on are never asked for.
  std::span<const std::uint8_t, 8> terms(unsigned code, unsigned selector, unsigned zero) const {
    return rows_[booth_ ? ((code ^ flip_) - flip_ - zero) & 0x1FF : (selector & 3) << 8 | code];
  }

 private:
  bool booth_;
  unsigned flip_;  ///< 0x80 sign-extends the code
  std::vector<std::array<std::uint8_t, 8>> rows_;
};

/// Returns the writes that load a program: every entry that it defines, its special entries, and then the control word.
/// Throws std::invalid_argument when the program does not fit the parameters.
std::vector<ConfigWrite> config_writes(const EncoderParams& params, const quant::TermProgram& program);
/// Returns the program that a sequence of writes after reset loads (terms that are not nonzero come back as zero
/// terms).
quant::TermProgram program_of(const EncoderParams& params, std::span<const ConfigWrite> writes);
/// Returns the table that a sequence of writes after reset leaves.
EncoderTable table_of(const EncoderParams& params, std::span<const ConfigWrite> writes);

/// Returns nothing when the encoder can run the format's program, or else why it cannot.
std::optional<Refusal> encoder_unsupported(const EncoderParams& params, const quant::Format& format);

/// Draws the writes of a random stimulus that runs `format`: its program, and with `illegal` random writes to the whole
/// address space before it (so that unused entries hold anything). There are none for some seeds when the reset table
/// already is the program.
std::vector<ConfigWrite> random_config(const EncoderParams& params, const quant::Format& format, std::uint64_t seed,
                                       bool illegal);

Trace term_encoder_golden(const Parameters& parameters, const Stimulus& stimulus, TraceWindow window);
Stimulus term_encoder_random(const Parameters& parameters, const RandomRequest& request);
UnitInfo term_encoder_info();

}  // namespace subbyte::kernels
