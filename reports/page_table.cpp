// Tables of the page. Cells carry their exact value (data-v) beside the text, for sorting, charts and CSV.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "reports/escape.hpp"
#include "reports/page.hpp"

namespace subbyte::reports {
namespace {

constexpr std::size_t kLong = 40;  // bytes of a cell that may break into lines

/// The class of each column's cells: texts to the left, long ones in several lines.
std::vector<const char*> classes(const Table& table) {
  std::vector<const char*> result(table.columns.size(), "");
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    bool text = false, wide = false;
    for (const auto& row : table.rows) {
      text = text || row[i].is_string();
      wide = wide || (row[i].is_string() && row[i].get_ref<const std::string&>().size() > kLong);
    }
    if (text) result[i] = wide ? " class='text long'" : " class='text'";
  }
  return result;
}

std::string row_html(const Table& table, const std::vector<nlohmann::json>& row,
                     const std::vector<const char*>& style) {
  std::string out = "<tr>";
  for (std::size_t i = 0; i < row.size(); ++i)
    if (row[i].is_string())
      out += fmt::format("<td{}>{}</td>", style[i], breakable(row[i].get_ref<const std::string&>()));
    else
      out += fmt::format("<td{} data-v='{}'>{}</td>", style[i], escape(row[i].dump()),
                         escape(figure_text(row[i], table.columns[i])));
  return out + "</tr>\n";
}

std::string head_html(const Table& table, const std::vector<const char*>& style) {
  std::string out = "<thead><tr>";
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const Column& c = table.columns[i];
    out += fmt::format(
        "<th scope='col'{} data-name='{}' data-unit='{}' data-source='{}'><span>{}</span><small>{}</small></th>",
        style[i], escape(c.name), escape(c.unit), escape(c.source), escape(c.name), escape(c.unit));
  }
  return out + "</tr></thead>\n";
}

/// Each source once, with the columns it is the source of.
std::string sources_html(const Table& table) {
  std::vector<std::pair<std::string, std::string>> sources;
  for (const Column& c : table.columns) {
    if (c.source.empty()) continue;
    auto it = std::ranges::find(sources, c.source, &std::pair<std::string, std::string>::first);
    if (it == sources.end()) it = sources.insert(sources.end(), {c.source, ""});
    it->second += (it->second.empty() ? "" : ", ") + c.name;
  }
  std::string out;
  for (const auto& [source, columns] : sources)
    out += fmt::format("{}<b>{}</b>: {}", out.empty() ? "" : " \u00b7 ", escape(source), escape(columns));
  return out.empty() ? "" : "<p class='sources'>Sources: " + out + "</p>\n";
}

/// Whether a prefix may stand before the unit: not where it has one ("pJ") or a power ("um2").
bool takes_prefix(const std::string& unit) {
  constexpr std::array<std::string_view, 10> kPlain{"MAC", "byte", "bit", "cycle", "token",
                                                    "op",  "FLOP", "J",   "W",     "Hz"};
  return std::ranges::any_of(kPlain, [&](std::string_view plain) {
    const std::string_view rest = std::string_view(unit).substr(std::min(unit.size(), plain.size()));
    return unit.starts_with(plain) && (rest.empty() || rest[0] == 's' || rest[0] == '/' || rest[0] == '*');
  });
}

}  // namespace

std::string breakable(const std::string& name) {
  const auto digit = [&](std::size_t i) { return i < name.size() && name[i] >= '0' && name[i] <= '9'; };
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    out += escape(name.substr(i, 1));
    const bool decimal = name[i] == '.' && i > 0 && digit(i - 1) && digit(i + 1);
    if (i + 1 < name.size() && std::string_view(":._-=,/").find(name[i]) != std::string_view::npos && !decimal)
      out += "<wbr>";
  }
  return out;
}

std::string figure_text(const nlohmann::json& cell, const Column& column) {
  constexpr std::array<std::pair<double, const char*>, 3> kPrefixes{{{1e12, "T"}, {1e9, "G"}, {1e6, "M"}}};
  if (cell.is_number() && takes_prefix(column.unit))
    for (const auto& [size, prefix] : kPrefixes)
      if (const double value = cell.get<double>(); std::abs(value) >= size && std::abs(value) < 1e15)
        return fmt::format("{}\u202f{}", cell_text(value / size, column.digits), prefix);
  return spaced(cell_text(cell, column.digits));
}

std::string table_html(const Table& table, const std::string& id, const std::string& charts) {
  const std::vector<const char*> style = classes(table);
  const std::size_t rows = table.rows.size() - (has_total(table) ? 1 : 0);
  const std::string title = escape(table.title);
  std::string out = fmt::format(
      "<div class='table' id='{}' aria-label='{}'>\n{}<div class='bar'><h3>{}</h3></div>\n"
      "<div class='frame'><div class='scroll' tabindex='0' role='region' aria-label='{}'><table aria-label='{}'>\n",
      id, title, charts, title, title, title);
  out += head_html(table, style) + "<tbody>\n";
  for (std::size_t i = 0; i < rows; ++i) out += row_html(table, table.rows[i], style);
  out += "</tbody>";
  if (has_total(table)) out += "<tfoot>" + row_html(table, table.rows.back(), style) + "</tfoot>";
  out += "</table></div></div>\n";
  if (!table.note.empty()) out += fmt::format("<p class='note'>{}</p>\n", escape(table.note));
  return out + sources_html(table) + "</div>\n";
}

}  // namespace subbyte::reports
