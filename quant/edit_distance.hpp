// How far a name is from another: what "did you mean" is asked of, in every layer.
#pragma once

#include <cstddef>
#include <string_view>

namespace subbyte::quant {

/// Number of insertions, deletions and replacements between two names (Levenshtein).
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace subbyte::quant
