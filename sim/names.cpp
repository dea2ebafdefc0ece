#include "sim/names.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/config.hpp"

namespace subbyte::sim {

std::string suggestion(std::string_view word, std::span<const std::string> candidates) {
  const std::string near = nearest(word, candidates);
  if (!near.empty()) return fmt::format("did you mean '{}'?", near);
  if (candidates.empty()) return "there is none";
  constexpr std::size_t kShown = 8;
  const auto shown = candidates.first(std::min(kShown, candidates.size()));
  std::string text = "expected ";
  for (std::size_t i = 0; i < shown.size(); ++i) {
    if (i > 0) text += i + 1 == candidates.size() ? " or " : ", ";
    text += shown[i];
  }
  if (candidates.size() > kShown) text += fmt::format(" or one of {} others", candidates.size() - kShown);
  return text;
}

}  // namespace subbyte::sim
