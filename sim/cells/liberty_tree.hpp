// Reads a Liberty text as a tree of groups. This is the one reader that everything said of cells is taken from.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace subbyte::sim {

struct LibertyGroup {
  std::string kind;                ///< library, cell, pin, timing, cell_rise, ...
  std::vector<std::string> names;  ///< the names in its brackets
  /// The simple attributes. A complex one has its arguments joined by commas; of repeated ones the last is kept.
  std::map<std::string, std::string> attributes;
  std::vector<LibertyGroup> groups;
  std::size_t begin = 0, end = 0;  ///< offsets in the text, behind its '{' and its '}'

  /// Returns an empty text when the attribute is absent.
  std::string_view text(const std::string& attribute) const;
  /// Throws std::invalid_argument when the attribute is not one number.
  double number(const std::string& attribute, double otherwise) const;
};

/// Turns "a, b c" into numbers; throws std::invalid_argument that names the word that is no number.
std::vector<double> liberty_numbers(std::string_view text);

/// Reads the whole text (liberty_text()) and refuses groups nested deeper than 16. Throws InputError with the line.
LibertyGroup parse_liberty(std::string_view text, const std::string& file);

}  // namespace subbyte::sim
