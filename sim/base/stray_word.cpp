#include "sim/base/stray_word.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace subbyte::sim {

InputError stray_word(const std::string& usage, const std::string& word, std::span<const std::string> options) {
  const auto has = [&](const char* name) { return std::ranges::find(options, name) != options.end(); };
  std::error_code error;
  std::string option;
  if (has("--format")) option = "--format";
  if (!options.empty() && options.front() == "--unit") option = "--unit";
  if (has("--model") && std::filesystem::exists(word, error)) option = "--model";
  const std::string expected = option.empty() ? "subbyte " + usage.substr(0, usage.find('\n'))
                                              : fmt::format("an option before it, such as {} {}", option, word);
  return {"", "", fmt::format("'{}' stands without an option, expected {}", word, expected)};
}

}  // namespace subbyte::sim
