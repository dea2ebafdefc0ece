#include "kernels/parts/fp4_program.hpp"

#include <cmath>
#include <stdexcept>

namespace subbyte::kernels {
namespace {

constexpr std::array<int, 8> kHalfUnits = {0, 1, 2, 3, 4, 6, 8, 12};
constexpr unsigned kMinusZero = 8;
constexpr std::uint8_t kNegative = 0x20;

[[noreturn]] void refuse(const std::string& why) { throw std::invalid_argument(why); }

std::string text(double level) {
  std::string digits = std::to_string(level);
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.back() == '.') digits.pop_back();
  return digits;
}

/// Returns what the unit makes of a code without remapping, in units of 1.
double grid_level(unsigned code) {
  const double magnitude = kHalfUnits[code % kMinusZero] / 2.0;
  return code < kMinusZero ? magnitude : -magnitude;
}

bool same(double a, double b) { return a == b && std::signbit(a) == std::signbit(b); }

void check_alphabet(const quant::Format& format) {
  const quant::Alphabet& a = format.alphabet;
  if (a.code_bits != 4) refuse("codes of " + std::to_string(a.code_bits) + " bits, fp4_dequant reads E2M1 codes of 4");
  if (quant::scale_info(format.scaling.stored).bytes != 1 ||
      format.scaling.stored == quant::ScaleFormat::kU8BelowChannel) {
    refuse("group scales in " + std::string(quant::scale_info(format.scaling.stored).name) +
           ", fp4_dequant reads e8m0, ue4m3 and ue5m3");
  }
  if (format.scaling.planes > 1) refuse("a scale per bit of a code, fp4_dequant has one per group");
  if (format.scaling.zero_point) refuse("zero points, fp4_dequant has none");
  if (a.unit_divisor != 1) {
    refuse("levels that are multiples of 1/" + std::to_string(a.unit_divisor) + ", fp4_dequant has half units alone");
  }
  if (!a.alternatives.empty()) refuse("a selector that changes all levels, fp4_dequant remaps one code");
}

/// Returns what a code is worth that is a power of two in E2M1: 2 is worth 1, and 4 is worth 2.
int level_exponent_of(const quant::Alphabet& a) {
  const unsigned code = a.special_code == 2U ? 4 : 2;
  const double unit = a.level(code) / grid_level(code);
  int exponent = 0;
  if (!(unit > 0) || std::frexp(unit, &exponent) != 0.5) {
    refuse("level " + text(a.level(code)) + " at code " + std::to_string(code) + " where E2M1 has a power of two");
  }
  return exponent - 1;
}

/// Returns the only code whose level is not E2M1's, if there is one.
std::optional<unsigned> remapped_code(const quant::Alphabet& a, int level_exponent) {
  std::optional<unsigned> other = a.special_code;
  for (unsigned code = 0; code < 16; ++code) {
    const double expected = std::ldexp(grid_level(code), level_exponent);
    if (code == other || same(a.level(code), expected)) continue;
    if (other) {
      refuse("level " + text(a.level(code)) + " at code " + std::to_string(code) + ", E2M1 has " + text(expected) +
             " there, and code " + std::to_string(*other) + " is remapped already");
    }
    other = code;
  }
  return other;
}

std::uint8_t special_field(double level, int level_exponent) {
  const double half_units = std::ldexp(level, 1 - level_exponent);
  if (!(std::abs(half_units) < 32) || half_units != std::trunc(half_units)) {
    refuse("special value " + text(level) + " is " + text(half_units) +
           " half units, fp4_dequant holds whole ones from -31 to 31");
  }
  return static_cast<std::uint8_t>(std::abs(half_units)) | (std::signbit(half_units) ? kNegative : 0);
}

Fp4Scale scale_kind(quant::ScaleFormat stored) {
  if (stored == quant::ScaleFormat::kE8m0) return Fp4Scale::kE8m0;
  const bool ue4m3 = stored == quant::ScaleFormat::kUe4m3 || stored == quant::ScaleFormat::kUe3m3;
  return ue4m3 ? Fp4Scale::kUe4m3 : Fp4Scale::kUe5m3;
}

}  // namespace

std::uint32_t Fp4Program::control() const {
  const std::uint32_t remap = special_code ? *special_code << 3 | 1U << 2 : 0;
  return remap | static_cast<std::uint32_t>(scale);
}

std::vector<ConfigWrite> Fp4Program::writes() const {
  std::vector<ConfigWrite> writes{{0, control()}};
  for (unsigned s = 0; s < specials.size(); ++s) writes.push_back({static_cast<std::uint8_t>(2 + s), specials[s]});
  return writes;
}

std::uint8_t Fp4Program::scale_byte(std::uint32_t pattern) const {
  if (stored == quant::ScaleFormat::kUe5m3Ieee && pattern >= 0xF8) return 0xFF;
  if (stored != quant::ScaleFormat::kUe3m3) return static_cast<std::uint8_t>(pattern);
  const unsigned fields = pattern & 0x3F;
  if (fields == 0) return 0;
  if (fields >= 8) return static_cast<std::uint8_t>(fields + (4U << 3));  // the bias is 7 instead of 3
  // A subnormal of UE3M3, f 2^-5, is a normal number in UE4M3.
  unsigned exponent = 5;
  unsigned significand = fields;
  for (; significand < 8; significand *= 2) --exponent;
  return static_cast<std::uint8_t>(exponent << 3 | (significand & 7));
}

Fp4Program fp4_program(const quant::Format& format) {
  check_alphabet(format);
  const quant::Alphabet& a = format.alphabet;
  Fp4Program program;
  program.stored = format.scaling.stored;
  program.scale = scale_kind(program.stored);
  program.level_exponent = level_exponent_of(a);
  program.special_code = remapped_code(a, program.level_exponent);
  if (!program.special_code) return program;
  if (a.selectors() > program.specials.size()) {
    refuse(std::to_string(a.selectors()) + " special values, fp4_dequant holds 4");
  }
  for (unsigned s = 0; s < program.specials.size(); ++s) {
    // A code that is off the grid without a selector is so under each.
    const unsigned selector = a.selectors() == 1 ? 0 : s;
    if (selector < a.selectors()) {
      program.specials[s] = special_field(a.level(*program.special_code, selector), program.level_exponent);
    }
  }
  return program;
}

std::optional<Refusal> fp4_unsupported(const quant::Format& format) {
  try {
    fp4_program(format);
    return {};
  } catch (const std::invalid_argument& error) {
    return Refusal{error.what()};
  }
}

}  // namespace subbyte::kernels
