// The integers that the codes of a format stand for, for units that take weights as integers. A level is integer *
// 2^unit_exponent of the alphabet, after zero point and selector.
#pragma once

#include <cstdint>
#include <string>

#include "kernels/contract/refusal.hpp"
#include "quant/formats/format.hpp"

namespace subbyte::kernels {

/// Returns the integer of a raw code. Throws std::out_of_range for a code, selector or zero point outside the format's
/// tables, and std::invalid_argument for a code that is infinite or NaN.
std::int64_t integer_weight(const quant::Format& format, unsigned raw_code, unsigned selector, unsigned zero_point);

/// The least and the largest integer over all finite codes (imported tensors hold some that no quantizer emits), all
/// selectors and all zero points.
struct WeightRange {
  std::int64_t least = 0;
  std::int64_t largest = 0;
  std::uint64_t magnitude() const;  ///< magnitude of the larger one
};
WeightRange weight_range(const quant::Format& format);

/// Returns nothing when every such integer lies in least..largest, or else why not.
std::optional<Refusal> integers_unsupported(const quant::Format& format, std::int64_t least, std::int64_t largest);

/// Returns nothing when no sum of `group` products of signed bytes and weights of the format leaves `acc_width` bits of
/// magnitude, or else why one does. A whole row (kWholeRow) is as long as a layer says: nothing is returned for it, and
/// the mapping asks again with its length.
std::optional<Refusal> int8_sum_unsupported(const quant::Format& format, std::size_t group, unsigned acc_width);

}  // namespace subbyte::kernels
