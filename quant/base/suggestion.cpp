#include "quant/base/suggestion.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace subbyte::quant {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before, previous(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) previous[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::vector<std::size_t> current(b.size() + 1, i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const auto replaced = previous[j - 1] + (a[i - 1] != b[j - 1] ? 1 : 0);
      current[j] = std::min({replaced, previous[j] + 1, current[j - 1] + 1});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) current[j] = std::min(current[j], before[j - 2] + 1);
    }
    before = std::move(previous);
    previous = std::move(current);
  }
  return previous.back();
}

std::string nearest(std::string_view word, std::span<const std::string> candidates) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance && distance < std::max(word.size(), candidate.size())) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string suggestion(std::string_view word, std::span<const std::string> candidates) {
  const std::string near = nearest(word, candidates);
  if (!near.empty()) return "did you mean '" + near + "'?";
  if (candidates.empty()) return "there is none";
  constexpr std::size_t kShown = 8;
  const auto shown = candidates.first(std::min(kShown, candidates.size()));
  std::string text = "expected ";
  for (std::size_t i = 0; i < shown.size(); ++i) {
    if (i > 0) text += i + 1 == candidates.size() ? " or " : ", ";
    text += shown[i];
  }
  if (candidates.size() > kShown) text += " or one of " + std::to_string(candidates.size() - kShown) + " others";
  return text;
}

std::string expectation(std::string_view word, std::span<const std::string> candidates, std::string_view other) {
  std::string text = "expected one of ";
  for (std::size_t i = 0; i < candidates.size(); ++i) text += (i > 0 ? ", " : "") + candidates[i];
  if (!other.empty()) text.append(", or ").append(other);
  const std::string near = nearest(word, candidates);
  return near.empty() ? text : text + "; did you mean '" + near + "'?";
}

}  // namespace subbyte::quant
