#include "kernels/bitserial_pe.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>

#include "kernels/parameter_specs.hpp"

namespace subbyte::kernels {
namespace {

/// A lane's product, worth ±magnitude * 2^(exponent-25); magnitude 0 is a dead lane.
struct Product {
  bool negative = false;
  unsigned magnitude = 0;
  int exponent = 0;
};

bool is_nonfinite(std::uint16_t activation) { return (activation & 0x7C00) == 0x7C00; }

Product product_of(std::uint16_t activation, const quant::Term& term) {
  if (!term.nonzero || is_nonfinite(activation)) return {};
  const unsigned field = (activation >> 10) & 0x1F;
  const unsigned magnitude = (activation & 0x3FF) | (field != 0 ? 0x400 : 0);
  return {((activation >> 15) != 0) != term.negative, magnitude,
          static_cast<int>(std::max(field, 1U) + term.shift)};
}

/// x / 2^distance: jam, or a plain shift when truncating.
std::uint64_t shift_right(std::uint64_t x, int distance, bool truncate) {
  if (distance >= 64) return !truncate && x != 0 ? 1 : 0;
  const std::uint64_t kept = x >> distance;
  return kept | (!truncate && (kept << distance) != x ? 1 : 0);
}

std::uint64_t round_to_even(std::uint64_t x, int shift) {
  if (shift == 0) return x;
  const std::uint64_t kept = x >> shift;
  const std::uint64_t rest = x & ((std::uint64_t{1} << shift) - 1);
  const std::uint64_t half = std::uint64_t{1} << (shift - 1);
  return kept + (rest > half || (rest == half && (kept & 1) != 0) ? 1 : 0);
}

std::int64_t with_sign(bool negative, std::uint64_t magnitude) {
  return static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude);
}

std::uint64_t magnitude_of(std::int64_t x) {
  return x < 0 ? 0 - static_cast<std::uint64_t>(x) : static_cast<std::uint64_t>(x);
}

/// A signed number worth x * 2^exponent brought to the exponent `level`.
std::int64_t bring_to(std::int64_t x, int exponent, int level, bool truncate) {
  const std::uint64_t magnitude = magnitude_of(x);
  const int left = exponent - level;
  return with_sign(x < 0, left >= 0 ? magnitude << left : shift_right(magnitude, -left, truncate));
}

void accumulate_rounded(const PeParams& params, PeState& state, const PeAlign& beat) {
  const int width = static_cast<int>(params.acc_width);
  if (state.mantissa == 0 && beat.sum == 0) {
    state.exponent = 0;
    return;
  }
  const int top_state = state.exponent + width;
  const int top_beat = beat.exponent + static_cast<int>(params.sum_bits());
  const int top = state.mantissa == 0 ? top_beat : beat.sum == 0 ? top_state : std::max(top_state, top_beat);
  const int level = top - width - static_cast<int>(params.guard_bits);
  std::int64_t total = 0;
  if (state.mantissa != 0) total += bring_to(state.mantissa, state.exponent, level, params.truncate);
  if (beat.sum != 0) total += bring_to(beat.sum, beat.exponent, level, params.truncate);
  const std::uint64_t magnitude = magnitude_of(total);
  const int excess = std::max(0, static_cast<int>(std::bit_width(magnitude)) - width);
  std::uint64_t rounded = params.truncate ? magnitude >> excess : round_to_even(magnitude, excess);
  int exponent = level + excess;
  if (rounded >> width != 0) {
    rounded >>= 1;
    ++exponent;
  }
  state.mantissa = with_sign(total < 0, rounded);
  state.exponent = total == 0 ? 0 : exponent;
}

}  // namespace

PeParams PeParams::of(const Parameters& parameters) {
  PeParams p;
  p.lanes = value_or(parameters, "lanes", p.lanes);
  p.shift_width = value_or(parameters, "shift_width", p.shift_width);
  p.align_bits = value_or(parameters, "align_bits", p.align_bits);
  p.acc_width = value_or(parameters, "acc_width", p.acc_width);
  p.guard_bits = value_or(parameters, "guard_bits", p.guard_bits);
  p.truncate = value_or(parameters, "rounding", 0) == 1;
  p.exact = value_or(parameters, "exact", 0) == 1;
  return p;
}

unsigned PeParams::sum_bits() const {
  return 11 + align_bits + static_cast<unsigned>(std::bit_width(lanes - 1));
}

PeAlign align(const PeParams& params, std::span<const std::uint16_t> activations,
              std::span<const TermBits> terms) {
  std::array<Product, 16> products;
  PeAlign beat;
  int largest = 0;
  for (unsigned l = 0; l < params.lanes; ++l) {
    products[l] = product_of(activations[l], unpack_term(terms[l], params.shift_width));
    beat.nonfinite |= is_nonfinite(activations[l]);
    if (products[l].magnitude != 0) largest = std::max(largest, products[l].exponent);
  }
  if (params.exact) {
    std::uint64_t sum = 0;
    for (unsigned l = 0; l < params.lanes; ++l) {
      const Product& p = products[l];
      if (p.magnitude == 0) continue;
      sum +=
          static_cast<std::uint64_t>(with_sign(p.negative, std::uint64_t{p.magnitude} << (p.exponent - 1)));
    }
    beat.sum = static_cast<std::int64_t>(sum);
    beat.exponent = 1;
    return beat;
  }
  if (largest == 0) return beat;
  beat.exponent = largest - static_cast<int>(params.align_bits);
  for (unsigned l = 0; l < params.lanes; ++l) {
    const Product& p = products[l];
    if (p.magnitude == 0) continue;
    const std::uint64_t widened = std::uint64_t{p.magnitude} << params.align_bits;
    beat.sum += with_sign(p.negative, shift_right(widened, largest - p.exponent, params.truncate));
  }
  return beat;
}

void accumulate(const PeParams& params, PeState& state, const PeAlign& beat) {
  state.nonfinite |= beat.nonfinite;
  if (!params.exact) return accumulate_rounded(params, state, beat);
  state.mantissa = static_cast<std::int64_t>(static_cast<std::uint64_t>(state.mantissa) +
                                             static_cast<std::uint64_t>(beat.sum));
  state.exponent = 1;
}

PeState finished(const PeParams& params, const PeState& state) {
  if (!state.nonfinite) return state;
  return {0, params.exact ? 1 : 0, true};
}

}  // namespace subbyte::kernels
