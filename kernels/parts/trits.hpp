// Trits in a beat, and what the ternary units share. A trit is two bits {negative, nonzero}, nonzero lowest: -1 0 +1 in
// two's complement. 10, which is a negative zero, is read as 0 and never sent. The ternary codes 0 1 2 of quant/ are
// -1 0 +1.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "kernels/contract/unit.hpp"
#include "kernels/parts/random_values.hpp"

namespace subbyte::kernels {

inline constexpr unsigned kTritBits = 2;
Field trit_field(unsigned count);
/// Sets trit `index` of a beat that starts with trits, from a code below 3.
void set_trit(std::span<std::uint64_t> beat, unsigned index, std::uint8_t code);
/// Returns the code of trit `index`.
std::uint8_t trit_code(std::span<const std::uint64_t> beat, unsigned index);

/// Makes beats of `elements` fields of `bits` bits; `draw(random)` gives each of them.
template <class Draw>
Stimulus element_stimulus(const RandomRequest& request, unsigned elements, unsigned bits, Draw draw) {
  Random random(request.seed);
  Beats beats((elements * bits + 63) / 64);
  for (std::size_t i = 0; i < request.cases; ++i) {
    const std::span<std::uint64_t> beat = beats.append();
    for (unsigned e = 0; e < elements; ++e) set_bits(beat, e * bits, bits, draw(random));
  }
  return {{}, source_of(std::move(beats)), request.stalls, request.cases};
}

/// Returns why a unit of this layout does not take the format: it is not ternary, or it is laid out otherwise. The
/// result is empty when the unit takes it.
std::optional<Refusal> unlike_ternary_layout(quant::CodeLayout layout, const quant::Format& format);

}  // namespace subbyte::kernels
