#include "sim/cells/liberty_tree.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <stdexcept>

#include "sim/cells/liberty_scanner.hpp"

namespace subbyte::sim {
namespace {

constexpr unsigned kDeepest = 16;

// The '{' of `group` was already read.
void read_statements(LibertyScanner& scanner, LibertyGroup& group, unsigned depth) {
  group.begin = scanner.offset();
  if (depth > kDeepest) scanner.fail(fmt::format("groups are nested deeper than {}", kDeepest));
  for (std::string name = scanner.next(); name != "}"; name = scanner.next()) {
    if (name.empty()) scanner.fail("the file ends inside a group, expected '}'");
    if (name == ";") continue;
    const std::string sign = scanner.next();
    if (sign == ":") {
      group.attributes[name] = scanner.value();
    } else if (sign == "(") {
      std::vector<std::string> names = scanner.arguments();
      if (scanner.peek() == "{") {
        scanner.next();
        group.groups.push_back({name, std::move(names), {}, {}});
        read_statements(scanner, group.groups.back(), depth + 1);
      } else {
        group.attributes[name] = fmt::format("{}", fmt::join(names, ","));
      }
    } else {
      scanner.fail("found '" + sign + "' after '" + name + "', expected ':' or '('");
    }
  }
  group.end = scanner.offset();
}

}  // namespace

std::string_view LibertyGroup::text(const std::string& attribute) const {
  const auto found = attributes.find(attribute);
  return found == attributes.end() ? std::string_view{} : std::string_view(found->second);
}

double LibertyGroup::number(const std::string& attribute, double otherwise) const {
  const std::string_view value = text(attribute);
  if (value.empty()) return otherwise;
  const std::vector<double> numbers = liberty_numbers(value);
  if (numbers.size() != 1)
    throw std::invalid_argument(attribute + " is '" + std::string(value.substr(0, 40)) + "', expected one number");
  return numbers.front();
}

std::vector<double> liberty_numbers(std::string_view text) {
  std::vector<double> numbers;
  const auto separates = [](char c) {
    return c == ',' || c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\\';
  };
  for (std::size_t at = 0; at < text.size();) {
    if (separates(text[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && !separates(text[end])) ++end;
    const char* first = text.data() + at + (text[at] == '+' ? 1 : 0);
    double value = 0;
    const auto [stop, error] = std::from_chars(first, text.data() + end, value);
    if (error != std::errc{} || stop != text.data() + end || !std::isfinite(value))
      throw std::invalid_argument("'" + std::string(text.substr(at, end - at)) + "' is no finite number");
    numbers.push_back(value);
    at = end;
  }
  return numbers;
}

LibertyGroup parse_liberty(std::string_view text, const std::string& file) {
  LibertyScanner scanner(text, file);
  const std::string head = scanner.next();
  if (head != "library" || scanner.next() != "(")
    scanner.fail("found '" + head.substr(0, 40) + "', expected 'library (NAME) {'");
  LibertyGroup library{"library", scanner.arguments(), {}, {}};
  if (scanner.next() != "{") {
    const std::string name = library.names.empty() ? "" : library.names[0];
    scanner.fail("expected '{' after library (" + name + ")");
  }
  read_statements(scanner, library, 0);
  return library;
}

}  // namespace subbyte::sim
