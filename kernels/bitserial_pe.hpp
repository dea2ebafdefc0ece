// bitserial_pe makes group sums of FP16 activations times terms. These are the step functions for stage 1 and stage 2;
// a model adds storage and time. The numbers are in kernels/ARITHMETIC.md, section 2; interface and cycles are in
// kernels/TIMING.md.
#pragma once

#include <cstdint>
#include <span>

#include "kernels/contract/unit.hpp"
#include "kernels/term_encoder.hpp"

namespace subbyte::kernels {

struct PeParams {
  unsigned lanes = 4;
  unsigned shift_width = 3;
  unsigned align_bits = 6;
  unsigned acc_width = 20;
  unsigned guard_bits = 3;
  bool truncate = false;  ///< parameter `rounding` = 1, which is the published behaviour
  bool exact = false;
  unsigned growth = 0;   ///< bits that a weight adds to a lane sum beside its exponent; V of section 7
  bool integer = false;  ///< INT8 activations of section 7: M += S modulo 2^(acc_width + 1), X = 25

  /// Reads parameters that resolve() completed and ignores names that it does not know.
  static PeParams of(const Parameters& parameters);
  /// Returns the width of a lane sum's magnitude, PW, which is meaningless when `integer` is set.
  unsigned sum_bits() const;
  /// Returns the width of the result's mantissa field (two's complement).
  unsigned mantissa_bits() const { return exact ? 64 : acc_width + 1; }
};

/// Stage 1: the lane sum of one beat, worth sum * 2^(exponent-25). In exact mode exponent is 1 and the sum is modulo
/// 2^64. In rounded mode without live lanes, sum is 0 and exponent is 0.
struct PeAlign {
  std::int64_t sum = 0;
  int exponent = 0;
  bool nonfinite = false;
};

/// Stage 2: the group sum so far, and the unit's result, which is worth mantissa * 2^(exponent-25).
struct PeState {
  std::int64_t mantissa = 0;
  int exponent = 0;
  bool nonfinite = false;
  bool operator==(const PeState&) const = default;
};

/// `activations` are FP16 bit patterns and `terms` are packed terms, params.lanes of each.
PeAlign align(const PeParams& params, std::span<const std::uint16_t> activations, std::span<const TermBits> terms);
/// Adds a lane sum into the group sum.
void accumulate(const PeParams& params, PeState& state, const PeAlign& beat);
/// Returns the group's result for the output register. A nonfinite group has mantissa 0 and exponent 0 (1 in exact
/// mode).
PeState finished(const PeParams& params, const PeState& state);

/// Returns nothing when a group of the format cannot overflow the accumulator, or else why it can (exact mode only).
std::optional<Refusal> pe_unsupported(const PeParams& params, const quant::Format& format);

Trace bitserial_pe_golden(const Parameters& parameters, const Stimulus& stimulus, TraceWindow window);
Stimulus bitserial_pe_random(const Parameters& parameters, const RandomRequest& request);
UnitInfo bitserial_pe_info();

}  // namespace subbyte::kernels
