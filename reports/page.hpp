// The parts of the report page.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reports/record.hpp"

namespace subbyte::reports {

/// Writes a table with its charts above it and its sources below; `id` is unique on the page.
std::string table_html(const Table& table, const std::string& id, const std::string& charts);

/// Writes the charts of one table of a record, as figures that the page's script draws from that table.
std::string charts_html(const Record& record, std::size_t table, const std::string& id);

/// Sets the thousands of a number's text apart by narrow spaces, from five digits on.
std::string spaced(const std::string& number);

/// Escapes a name, which may then break into lines behind : . _ - = , / and nowhere else.
std::string breakable(const std::string& name);

/// Writes a number of a table with its thousands apart. From a million on it has a prefix of its unit ("12.49 G" of
/// MAC/s), where the unit is one that takes prefixes.
std::string figure_text(const nlohmann::json& cell, const Column& column);

/// Says by which factor, and in which multiple of its unit, a value reads best ("41.7 µs"). It knows the units s, J, W,
/// Hz and joules per something or times something.
struct Scaled {
  double factor = 1;
  std::string unit;
};
Scaled scaled(double largest, const std::string& unit);

/// Returns what tells titles apart: each title without the words with which all begin and those with which all end, and
/// with "…" for longer runs of words between them that all titles with the same first word have.
std::vector<std::string> distinct_parts(const std::vector<std::string>& titles);

/// Sets the metrics of records of one kind side by side, with a row per record; where they have no metrics only the
/// first column is left.
Table side_by_side(const std::vector<const Record*>& records);

/// Puts the stacked bars of records of one kind into one chart with a bar per record, and its table. The result is
/// empty where they have no bars of the same parts. Where all have an energy per token, or per MAC, the bars come to
/// that.
std::optional<Record> together(const std::vector<const Record*>& records);

}  // namespace subbyte::reports
