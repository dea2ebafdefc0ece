#include "sim/cells/liberty_spelling.hpp"

#include <algorithm>
#include <cctype>

#include "sim/cells/liberty_file.hpp"

namespace subbyte::sim {
namespace {

constexpr std::string_view kBlank = " \t\r\n\\";
constexpr std::string_view kCapacitance = "capacitive_load_unit";

/// Takes what ends before `end` from the text.
std::string_view take(std::string_view& text, std::size_t end) {
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(taken.size());
  return taken;
}

/// A string with its quotes: what continues it on the next line becomes a blank.
std::string on_one_line(std::string_view quoted) {
  std::string line;
  for (std::size_t at = 0; at < quoted.size();) {
    const std::size_t end = std::min(quoted.find_first_of("\\\n", at), quoted.size());
    line += quoted.substr(at, end - at);
    at = std::min(quoted.find_first_not_of(kBlank, end), quoted.size());
    if (end < quoted.size()) line += ' ';
  }
  return line;
}

std::string unit_in_lower_case(std::string_view arguments) {
  std::string lower;
  for (const char c : arguments)
    if (c != '"') lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

/// Takes one piece of the text: a string, a comment, the unit of capacitance, what stands before a brace, or a byte.
std::string next_piece(std::string_view& text) {
  if (text.front() == '"') return on_one_line(take(text, std::min(text.find('"', 1), text.size() - 1) + 1));
  if (text.starts_with("/*")) return std::string(take(text, std::min(text.find("*/", 2), text.size() - 2) + 2));
  if (text.starts_with("//")) return std::string(take(text, text.find('\n')));
  if (text.starts_with(kCapacitance)) return unit_in_lower_case(take(text, text.find(')')));
  if (text.front() == ')') {
    const std::size_t brace = text.find_first_not_of(kBlank, 1);
    if (brace != std::string_view::npos && text[brace] == '{' && text.substr(0, brace).find('\n') < brace)
      return take(text, brace), ") ";
  }
  return std::string(take(text, std::max<std::size_t>(1, text.find_first_of("\"/c)", 1))));
}

}  // namespace

std::string in_the_tools_spelling(std::string_view text) {
  std::string spelled;
  spelled.reserve(text.size());
  const std::string modelled = without_wire_loads(text);
  for (std::string_view rest = modelled; !rest.empty();) spelled += next_piece(rest);
  return spelled;
}

}  // namespace subbyte::sim
