#include "kernels/parts/trits.hpp"

namespace subbyte::kernels {

Field trit_field(unsigned count) { return {"trit", kTritBits, count, FieldKind::kSigned}; }

void set_trit(std::span<std::uint64_t> beat, unsigned index, std::uint8_t code) {
  set_bits(beat, index * kTritBits, kTritBits, static_cast<std::uint64_t>(std::int64_t{code} - 1));
}

std::uint8_t trit_code(std::span<const std::uint64_t> beat, unsigned index) {
  const std::uint64_t trit = get_bits(beat, index * kTritBits, kTritBits);
  const bool nonzero = (trit & 1) != 0;
  const bool negative = (trit & 2) != 0;
  return !nonzero ? 1 : negative ? 0 : 2;
}

std::optional<Refusal> unlike_ternary_layout(quant::CodeLayout layout, const quant::Format& format) {
  const quant::Alphabet& alphabet = format.alphabet;
  const bool ternary = alphabet.code_bits == 2 && alphabet.selectors() == 1 && !alphabet.emitted(3) &&
                       alphabet.numerator(0) == -1 && alphabet.numerator(1) == 0 && alphabet.numerator(2) == 1;
  if (ternary && format.layout == layout) return {};
  return Refusal{"its codes are not ternary in the layout " + std::string(quant::layout_info(layout).name)};
}

}  // namespace subbyte::kernels
