#include "quant/edit_distance.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace subbyte::quant {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> previous(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) previous[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::vector<std::size_t> current(b.size() + 1, i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const auto replaced = previous[j - 1] + (a[i - 1] != b[j - 1] ? 1 : 0);
      current[j] = std::min({replaced, previous[j] + 1, current[j - 1] + 1});
    }
    previous = std::move(current);
  }
  return previous.back();
}

}  // namespace subbyte::quant
