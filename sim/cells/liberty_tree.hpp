// A Liberty text as a tree of groups: the one reader that everything said of cells is taken from.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace subbyte::sim {

struct LibertyGroup {
  std::string kind;                ///< library, cell, pin, timing, cell_rise, ...
  std::vector<std::string> names;  ///< in its brackets
  /// Simple attributes; a complex one has its arguments joined by commas (of repeated ones the last).
  std::map<std::string, std::string> attributes;
  std::vector<LibertyGroup> groups;
  std::size_t begin = 0, end = 0;  ///< offsets in the text, behind its '{' and its '}'

  /// Empty when absent.
  std::string_view text(const std::string& attribute) const;
  /// Throws std::invalid_argument for what is not one number.
  double number(const std::string& attribute, double otherwise) const;
};

/// "a, b c" to numbers; throws std::invalid_argument naming the word that is none.
std::vector<double> liberty_numbers(std::string_view text);

/// The whole text (liberty_text()); groups nested deeper than 16 are refused. Throws InputError with the line.
LibertyGroup parse_liberty(std::string_view text, const std::string& file);

}  // namespace subbyte::sim
