// What to say when a name is not one of the known ones.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace subbyte::sim {

/// "did you mean 'X'?" when a candidate is near `word`, else "expected A, B or C" (at most eight, then the
/// number of others).
std::string suggestion(std::string_view word, std::span<const std::string> candidates);

}  // namespace subbyte::sim
