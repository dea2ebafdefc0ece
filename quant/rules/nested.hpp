// Says how nested integers (quant/formats/nested_codes.hpp) are chosen.
#pragma once

#include <cstdint>
#include <span>

#include "quant/rules/group_rule.hpp"

namespace subbyte::quant {

/// Returns the GroupRule::encode of ScaleRule::kNested and kRoundedSlice.
unsigned encode_nested(const GroupView& group, const TensorContext& context, const GroupChoice& choice,
                       double multiplier, std::span<std::uint8_t> codes);
unsigned encode_rounded_slice(const GroupView& group, const TensorContext& context, const GroupChoice& choice,
                              double multiplier, std::span<std::uint8_t> codes);

}  // namespace subbyte::quant
