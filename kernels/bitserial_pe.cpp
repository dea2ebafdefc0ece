#include "kernels/bitserial_pe.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>

#include "kernels/arithmetic/fp16.hpp"
#include "kernels/contract/parameter_specs.hpp"

namespace subbyte::kernels {
namespace {

/// A lane's product, worth ±magnitude * 2^(exponent-25). A lane of magnitude 0 is dead.
struct Product {
  bool negative;
  unsigned magnitude;
  int exponent;
};

// It has no branches and works on the packed term, because this is the innermost step of every scalar simulation.
[[gnu::always_inline]] inline Product product_of(const Fp16& activation, TermBits term, unsigned shift_width) {
  const unsigned live = ((term >> shift_width) & 1U) & (activation.finite() ? 1U : 0U);
  const unsigned negative = (activation.negative ? 1U : 0U) ^ (term >> (shift_width + 1) & 1U);
  const unsigned shift = term & ((1U << shift_width) - 1);
  return {negative != 0, activation.significand & (0U - live), activation.exponent + static_cast<int>(shift)};
}

/// Returns x / 2^distance, with jamming, or by a plain shift when truncating.
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

[[gnu::always_inline]] inline std::int64_t with_sign(bool negative, std::uint64_t magnitude) {
  const std::uint64_t mask = 0 - static_cast<std::uint64_t>(negative);
  return static_cast<std::int64_t>((magnitude ^ mask) - mask);
}

constexpr int kIntegerExponent = 25;  // at this exponent an integer is worth itself

/// Returns the low `bits` bits, sign-extended.
std::int64_t wrapped(std::int64_t x, unsigned bits) {
  const unsigned above = 64 - bits;
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(x) << above) >> above;
}

std::uint64_t magnitude_of(std::int64_t x) {
  return x < 0 ? 0 - static_cast<std::uint64_t>(x) : static_cast<std::uint64_t>(x);
}

/// Brings a signed number that is worth x * 2^exponent to the exponent `level`.
[[gnu::always_inline]] inline std::int64_t bring_to(std::int64_t x, int exponent, int level, bool truncate) {
  const std::uint64_t magnitude = magnitude_of(x);
  const int left = exponent - level;
  return with_sign(x < 0, left >= 0 ? magnitude << left : shift_right(magnitude, -left, truncate));
}

/// kLanes fixes the number of lanes at compile time, so that the loops are unrolled; 0 takes it from the parameters.
template <unsigned kLanes>
PeAlign align_lanes(const PeParams& params, const std::uint16_t* activations, const TermBits* terms) {
  const unsigned lanes = kLanes != 0 ? kLanes : params.lanes;
  std::array<Product, kLanes != 0 ? kLanes : 16> products;
  int largest = 0;
  bool nonfinite = false;
#pragma GCC unroll 4
  for (unsigned l = 0; l < lanes; ++l) {
    const Fp16 activation = fp16_of(activations[l]);
    products[l] = product_of(activation, terms[l], params.shift_width);
    nonfinite |= !activation.finite();
    largest = std::max(largest, products[l].magnitude != 0 ? products[l].exponent : 0);
  }
  if (params.exact) {
    std::uint64_t sum = 0;
    for (unsigned l = 0; l < lanes; ++l) {
      const Product& p = products[l];
      sum += static_cast<std::uint64_t>(with_sign(p.negative, std::uint64_t{p.magnitude} << (p.exponent - 1)));
    }
    return {static_cast<std::int64_t>(sum), 1, nonfinite};
  }
  if (largest == 0) return {0, 0, nonfinite};
  const std::uint64_t sticky = params.truncate ? 0 : 1;
  std::int64_t sum = 0;
#pragma GCC unroll 4
  for (unsigned l = 0; l < lanes; ++l) {
    const Product& p = products[l];
    // Exponents are below 31 + 16, so a live lane's distance is below 64; a dead lane shifts zero.
    const int distance = (largest - p.exponent) & 63;
    const std::uint64_t widened = std::uint64_t{p.magnitude} << params.align_bits;
    const std::uint64_t kept = widened >> distance;
    const std::uint64_t lost = (kept << distance) != widened ? sticky : 0;
    sum += with_sign(p.negative, kept | lost);
  }
  return {sum, largest - static_cast<int>(params.align_bits), nonfinite};
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
  return 11 + align_bits + static_cast<unsigned>(std::bit_width(lanes - 1)) + growth;
}

PeAlign align(const PeParams& params, std::span<const std::uint16_t> activations, std::span<const TermBits> terms) {
  return params.lanes == 4 ? align_lanes<4>(params, activations.data(), terms.data())
                           : align_lanes<0>(params, activations.data(), terms.data());
}

void accumulate(const PeParams& params, PeState& state, const PeAlign& beat) {
  state.nonfinite |= beat.nonfinite;
  if (params.integer) {
    state = {wrapped(state.mantissa + beat.sum, params.acc_width + 1), kIntegerExponent, false};
    return;
  }
  if (!params.exact) return accumulate_rounded(params, state, beat);
  state.mantissa =
      static_cast<std::int64_t>(static_cast<std::uint64_t>(state.mantissa) + static_cast<std::uint64_t>(beat.sum));
  state.exponent = 1;
}

PeState finished(const PeParams& params, const PeState& state) {
  if (!state.nonfinite) return state;
  return {0, params.exact ? 1 : 0, true};
}

}  // namespace subbyte::kernels
