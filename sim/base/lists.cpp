#include "sim/base/lists.hpp"

#include <fnmatch.h>

namespace subbyte::sim {

std::vector<std::string> comma_list(std::string_view text) {
  if (text.empty()) return {};
  std::vector<std::string> parts(1);
  int depth = 0;
  for (const char c : text) {
    depth += (c == '{' || c == '[') ? 1 : (c == '}' || c == ']') ? -1 : 0;
    if (c == ',' && depth == 0) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

bool shell_match(const std::string& pattern, std::string_view name) {
  return ::fnmatch(pattern.c_str(), std::string(name).c_str(), 0) == 0;
}

}  // namespace subbyte::sim
