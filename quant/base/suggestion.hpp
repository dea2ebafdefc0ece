// Says, in every layer, what to say when a name is not one of the known ones.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace subbyte::quant {

/// Returns the number of insertions, deletions, replacements and swaps of neighbours between two names (Damerau and
/// Levenshtein, where no letter is changed twice).
std::size_t edit_distance(std::string_view a, std::string_view b);
/// Returns the candidate with the smallest edit distance to `word`, or "" when none is near enough to be a likely
/// typing error.
std::string nearest(std::string_view word, std::span<const std::string> candidates);
/// Returns "did you mean 'X'?" when a candidate is near `word`, and otherwise "expected A, B or C" (at most eight, then
/// the number of others).
std::string suggestion(std::string_view word, std::span<const std::string> candidates);
/// Returns the same with every candidate: "expected one of A, B, C", then ", or ELSE" where something else would do too
/// ("a path"), then "; did you mean 'X'?" when a candidate is near.
std::string expectation(std::string_view word, std::span<const std::string> candidates, std::string_view other = "");

}  // namespace subbyte::quant
