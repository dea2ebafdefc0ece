#include "sim/base/input_error.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace subbyte::sim {

std::string place_in_text(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const std::size_t line_begin = before.rfind('\n') + 1;  // npos + 1 is 0
  return fmt::format("{}:{}", std::ranges::count(before, '\n') + 1, before.size() - line_begin + 1);
}

}  // namespace subbyte::sim
