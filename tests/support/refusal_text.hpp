// Helps expectations about refusals.
#pragma once

#include <optional>
#include <string>

#include "kernels/contract/refusal.hpp"

namespace subbyte {

/// Returns its text, which is empty where nothing is refused.
inline std::string text_of(const std::optional<kernels::Refusal>& refusal) { return refusal ? refusal->text : ""; }

}  // namespace subbyte
