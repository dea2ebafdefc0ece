// Parts of the report page.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reports/record.hpp"

namespace subbyte::reports {

/// A table with its charts above it and its sources below; `id` is unique on the page.
std::string table_html(const Table& table, const std::string& id, const std::string& charts);

/// The charts of one table of a record, as figures that the page's script draws from that table.
std::string charts_html(const Record& record, std::size_t table, const std::string& id);

/// A number's text with its thousands apart (narrow spaces), from five digits on.
std::string spaced(const std::string& number);

/// A name that may break into lines behind : . _ - = , / and nowhere else, escaped.
std::string breakable(const std::string& name);

/// A number of a table with its thousands apart; from a million on with a prefix of its unit ("12.49 G" of MAC/s),
/// where the unit is one that takes prefixes.
std::string figure_text(const nlohmann::json& cell, const Column& column);

/// A value in the unit's multiple that reads best ("41.7 µs"), for the units s, J, W, Hz and joules per or times
/// something.
struct Scaled {
  double factor = 1;
  std::string unit;
};
Scaled scaled(double largest, const std::string& unit);

/// What tells titles apart: each without the words with which all begin and those with which all end, and "…" for
/// longer runs of words between them that all titles with the same first word have.
std::vector<std::string> distinct_parts(const std::vector<std::string>& titles);

/// Metrics of records of one kind side by side, a row per record; the first column alone where they have none.
Table side_by_side(const std::vector<const Record*>& records);

/// The stacked bars of records of one kind in one chart, a bar per record, with its table; nothing where they have no
/// bars of the same parts. Where all have an energy per token, or per MAC, the bars come to that.
std::optional<Record> together(const std::vector<const Record*>& records);

}  // namespace subbyte::reports
