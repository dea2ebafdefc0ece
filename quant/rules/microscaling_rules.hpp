// Scales that are powers of two (E8M0), by the three rules that all go by the name of MX.
#pragma once

#include "quant/rules/group_rule.hpp"

namespace subbyte::quant {

/// Exponents come from the bits of max|w|, never from a logarithm. Stored exponents saturate at 2^-127 and 2^127, and a
/// group of zeros has 2^-127. Below, emax and M are the exponent and the largest significand's exponent of the element
/// type.

/// The exponent is floor(log2 max|w|) - emax (OCP MX v1.0, section 6.3); elements beyond the largest saturate.
GroupChoice choose_power_floor(const GroupView& group, const TensorContext& context);
/// The scale is the least power of two under which nothing saturates (arXiv 2510.25602, arXiv 2509.25149 B.4).
GroupChoice choose_power_ceil(const GroupView& group, const TensorContext& context);
/// The exponent is the floor of max|w| rounded to the element's significand: 2^(22 - mantissa bits) is added to its
/// FP32 bits (AMD Quark "even_round"). Integers of b bits have b - 2 mantissa bits.
GroupChoice choose_power_even(const GroupView& group, const TensorContext& context);

}  // namespace subbyte::quant
