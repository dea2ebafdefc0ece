// Refusals in expectations.
#pragma once

#include <optional>
#include <string>

#include "kernels/contract/refusal.hpp"

namespace subbyte {

/// Its text; empty where nothing is refused.
inline std::string text_of(const std::optional<kernels::Refusal>& refusal) { return refusal ? refusal->text : ""; }

}  // namespace subbyte
