// A table as aligned text that fits a terminal.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <set>
#include <utility>

#include "reports/scaled.hpp"
#include "reports/text.hpp"

namespace subbyte::reports {
namespace {

constexpr std::size_t kLeastWidth = 14;            ///< of a column of text that is broken into lines
constexpr std::size_t kLongCell = 60;              ///< longer ones become notes where the table is too wide
constexpr std::size_t kMostKeys = 3;               ///< columns that stand in every block
constexpr double kLargest = 1e5, kSmallest = 0.1;  ///< of a column whose unit stays as it is

struct TextColumn {
  std::string name, unit;
  std::vector<std::string> cells;
  bool right = true;       ///< numbers
  std::size_t limit = 0;   ///< cells are broken into lines of so many columns; 0: they are not
  std::size_t header = 0;  ///< the same of the name

  std::size_t cells_width() const {
    std::size_t widest = std::min(text_width(unit), kTerminalColumns);
    for (const std::string& cell : cells) widest = std::max(widest, text_width(cell));
    return limit == 0 ? widest : std::min(widest, limit);
  }
  std::size_t width() const {
    const std::size_t named = header == 0 ? text_width(name) : std::min(text_width(name), header);
    return std::max(named, cells_width());
  }
};

using Columns = std::vector<TextColumn>;

/// The column whose half-widths stand in this one, or this one.
std::size_t figures_of(const Table& table, std::size_t i) {
  constexpr std::string_view suffix = " half width";
  const std::string& name = table.columns[i].name;
  if (!name.ends_with(suffix)) return i;
  const auto figures = std::ranges::find(table.columns, name.substr(0, name.size() - suffix.size()), &Column::name);
  const bool known = figures != table.columns.end() && figures->unit == table.columns[i].unit;
  return known ? static_cast<std::size_t>(figures - table.columns.begin()) : i;
}

/// The unit that a column of figures is shown in: by its largest one, where its own unit makes that hard to read.
ScaledUnit unit_of(const Table& table, std::size_t column) {
  const std::size_t i = figures_of(table, column);
  double largest = 0;
  for (const auto& row : table.rows)
    if (row[i].is_number() && std::isfinite(row[i].get<double>()))
      largest = std::max(largest, std::abs(row[i].get<double>()));
  const std::string& unit = table.columns[i].unit;
  if (largest == 0 || (largest < kLargest && largest >= kSmallest)) return {unit, 1};
  return scaled_unit(largest, unit);
}

TextColumn column_of(const Table& table, std::size_t i) {
  const ScaledUnit unit = unit_of(table, i);
  TextColumn column{table.columns[i].name, unit.unit, {}};
  const int digits = table.columns[i].digits;
  for (const auto& row : table.rows) {
    const bool scaled = unit.factor != 1 && row[i].is_number();
    column.cells.push_back(scaled ? cell_text(row[i].get<double>() * unit.factor, std::min(digits, 5))
                                  : cell_text(row[i], digits));
    if (row[i].is_string()) column.right = false;
  }
  return column;
}

std::size_t width_of(const Columns& columns) {
  return std::accumulate(columns.begin(), columns.end(), std::size_t{0},
                         [](std::size_t sum, const TextColumn& c) { return sum + c.width() + 2; });
}

std::size_t longest_word(const std::string& text) {
  std::size_t longest = 0, at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    longest = std::max(longest, text_width(std::string_view(text).substr(at, end - at)));
    at = end + 1;
  }
  return longest;
}

/// Moves the long cells of texts into notes.
void number_cells(Columns& columns, NumberedNotes& notes) {
  for (TextColumn& column : columns)
    for (std::string& cell : column.cells)
      if (!column.right && text_width(cell) > kLongCell) cell = notes.mark(cell);
}

/// How narrow a column of text may become: no word is cut, and no cell takes more than three lines.
std::size_t least_width(const TextColumn& column) {
  std::size_t least = std::max({kLeastWidth, longest_word(column.name), (column.cells_width() + 2) / 3});
  for (const std::string& cell : column.cells) least = std::max(least, longest_word(cell));
  return least;
}

/// The columns with their texts broken, where that makes the table fit; else as they were.
Columns narrowed(const Columns& columns) {
  Columns narrow = columns;
  while (width_of(narrow) > kTerminalColumns) {
    TextColumn* widest = nullptr;
    for (TextColumn& column : narrow)
      if (!column.right && column.limit == 0 && column.cells_width() > least_width(column) &&
          (widest == nullptr || column.cells_width() > widest->cells_width()))
        widest = &column;
    if (widest == nullptr) return columns;
    const std::size_t width = widest->cells_width(), excess = width_of(narrow) - kTerminalColumns;
    widest->limit = std::max(least_width(*widest), width - std::min(width, excess));
    widest->header = widest->limit;
  }
  return narrow;
}

Columns fitted(Columns columns, NumberedNotes& notes) {
  if (width_of(columns) <= kTerminalColumns) return columns;
  for (TextColumn& column : columns)
    column.header = std::max({column.cells_width(), longest_word(column.name), std::size_t{8}});
  if (width_of(columns) <= kTerminalColumns) return columns;
  number_cells(columns, notes);
  return narrowed(columns);
}

/// One row in as many lines as its longest cell takes.
std::string row_text(const Columns& columns, const std::function<std::string(const TextColumn&)>& cell,
                     bool header = false) {
  std::vector<std::vector<std::string>> cells;
  std::size_t lines = 0;
  for (const TextColumn& column : columns) {
    cells.push_back(wrapped(cell(column), header ? column.width() : std::max<std::size_t>(column.width(), 1), 0));
    lines = std::max(lines, cells.back().size());
  }
  std::string text;
  for (std::size_t line = 0; line < lines; ++line) {
    std::string row = " ";
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const std::size_t above = header ? lines - cells[i].size() : 0;  // names stand on their units
      const bool here = line >= above && line - above < cells[i].size();
      const std::string part = here ? cells[i][line - above] : "";
      const std::string fill(columns[i].width() - text_width(part), ' ');
      row += " " + (columns[i].right ? fill + part : part + fill) + " ";
    }
    row.erase(row.find_last_not_of(' ') + 1);
    if (!row.empty()) text += row + "\n";
  }
  return text;
}

std::string block_text(const Columns& columns) {
  std::string text = row_text(
      columns, [](const TextColumn& c) { return c.name; }, true);
  text += row_text(columns, [](const TextColumn& c) { return c.unit; });
  for (std::size_t row = 0; row < columns.front().cells.size(); ++row)
    text += row_text(columns, [&](const TextColumn& c) { return c.cells[row]; });
  return text;
}

/// The columns without those that say the same in every row, which go to `alike`; the first column stays.
Columns without_constants(Columns columns, std::string& alike) {
  Columns kept;
  for (TextColumn& column : columns) {
    const std::string& first = column.cells.empty() ? column.name : column.cells.front();
    const bool constant = column.cells.size() > 1 &&
                          std::ranges::count(column.cells, first) == static_cast<std::ptrdiff_t>(column.cells.size());
    if (!constant || kept.empty()) {
      kept.push_back(std::move(column));
      continue;
    }
    if (first == "-") continue;
    alike += fmt::format("{}{} {}{}{}", alike.empty() ? "" : ", ", column.name, first, column.unit.empty() ? "" : " ",
                         column.unit);
  }
  return kept;
}

/// How many of the first columns tell the rows apart.
std::size_t keys_of(const Columns& columns) {
  std::size_t keys = 1;
  for (; keys < std::min(kMostKeys, columns.size()) && !columns[keys].right; ++keys) {
    std::set<std::string> names;
    for (std::size_t row = 0; row < columns[0].cells.size(); ++row) {
      std::string name;
      for (std::size_t i = 0; i < keys; ++i) name += columns[i].cells[row] + "\n";
      names.insert(name);
    }
    if (names.size() == columns[0].cells.size()) break;
  }
  return keys;
}

}  // namespace

std::string table_text(const Table& table, NumberedNotes& notes) {
  std::string text = wrapped_text(table.title);
  Columns columns;
  for (std::size_t i = 0; i < table.columns.size(); ++i) columns.push_back(column_of(table, i));
  if (columns.empty()) return text;
  columns = fitted(std::move(columns), notes);
  std::string alike;
  if (width_of(columns) > kTerminalColumns) columns = fitted(without_constants(std::move(columns), alike), notes);
  const Columns keys(columns.begin(), columns.begin() + static_cast<std::ptrdiff_t>(keys_of(columns)));
  Columns block = keys;
  for (std::size_t i = keys.size(); i < columns.size(); ++i) {
    Columns longer = block;
    longer.push_back(columns[i]);
    if (width_of(longer) > kTerminalColumns && block.size() > keys.size()) {
      text += block_text(block) + "\n";
      longer = keys;
      longer.push_back(columns[i]);
    }
    block = std::move(longer);
  }
  text += block_text(block);
  if (!alike.empty()) text += wrapped_text("  In every row: " + alike + ".", kTerminalColumns, 4);
  return text;
}

}  // namespace subbyte::reports
