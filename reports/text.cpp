// Terminal and CSV writers.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reports/record.hpp"

namespace subbyte::reports {
namespace {

// Columns count code points, not bytes: headers hold "µm²".
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string padded(const std::string& text, std::size_t to, bool right) {
  const std::string fill(to - width(text), ' ');
  return right ? fill + text : text + fill;
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

}  // namespace

std::string cell_text(const nlohmann::json& cell, int digits) {
  if (cell.is_null()) return "-";
  if (cell.is_string()) return cell.get<std::string>();
  if (cell.is_boolean()) return cell.get<bool>() ? "yes" : "no";
  if (cell.is_number_integer()) return cell.dump();
  const double value = cell.get<double>();
  if (!std::isfinite(value)) return value > 0 ? "inf" : value < 0 ? "-inf" : "-";
  if (std::abs(value) >= 1e15) return fmt::format("{:.{}g}", value, digits);
  // No exponent for the sizes people read; no more decimals than the significant digits ask for.
  const int magnitude = value == 0 ? 0 : static_cast<int>(std::floor(std::log10(std::abs(value))));
  if (magnitude < -4) return fmt::format("{:.{}g}", value, digits);
  return fmt::format("{:.{}f}", value, std::max(0, digits - 1 - magnitude));
}

std::string terminal(const Table& table) {
  const std::size_t columns = table.columns.size();
  std::vector<std::vector<std::string>> lines(2);
  std::vector<bool> right(columns, true);
  for (const Column& c : table.columns) {
    lines[0].push_back(c.name);
    lines[1].push_back(c.unit);
  }
  for (const auto& row : table.rows) {
    lines.emplace_back();
    for (std::size_t i = 0; i < columns; ++i) {
      lines.back().push_back(cell_text(row[i], table.columns[i].digits));
      if (row[i].is_string()) right[i] = false;
    }
  }
  std::vector<std::size_t> widths(columns, 0);
  for (const auto& line : lines)
    for (std::size_t i = 0; i < columns; ++i) widths[i] = std::max(widths[i], width(line[i]));
  std::string out = table.title.empty() ? "" : table.title + "\n";
  for (const auto& line : lines) {
    std::string text = " ";
    for (std::size_t i = 0; i < columns; ++i) text += " " + padded(line[i], widths[i], right[i]) + " ";
    text.erase(text.find_last_not_of(' ') + 1);
    if (!text.empty()) out += text + "\n";
  }
  if (!table.note.empty()) out += "  " + table.note + "\n";
  return out;
}

std::string terminal(const Record& record) {
  std::string out = record.title + "\n";
  std::size_t name_width = 0;
  const std::vector<Metric> metrics = with_half_widths(record.metrics);
  for (const Metric& m : metrics) name_width = std::max(name_width, width(m.name));
  for (const Metric& m : metrics)
    out +=
        fmt::format("  {}  {} {}  [{}]\n", padded(m.name, name_width, false), cell_text(m.value, 5), m.unit, m.source);
  for (const Table& t : record.tables) out += "\n" + terminal(t);
  return out;
}

std::string csv(const Table& table) {
  std::string out;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const Column& c = table.columns[i];
    out += (i ? "," : "") + csv_field(c.unit.empty() ? c.name : c.name + " [" + c.unit + "]");
  }
  out += "\r\n";
  for (const auto& row : table.rows) {
    for (std::size_t i = 0; i < row.size(); ++i)
      out += (i ? "," : "") + csv_field(row[i].is_null()     ? ""
                                        : row[i].is_string() ? row[i].get<std::string>()
                                                             : row[i].dump());
    out += "\r\n";
  }
  return out;
}

}  // namespace subbyte::reports
