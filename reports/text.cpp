// Terminal and CSV writers.
#include "reports/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <sstream>

#include "reports/scaled.hpp"

namespace subbyte::reports {
namespace {

constexpr std::size_t kShortSource = 30;  ///< columns of a source that may stand behind its figure
constexpr int kDigits = 5, kScaledDigits = 4;

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

/// The bytes of the first `columns` code points.
std::size_t bytes_of(std::string_view text, std::size_t columns) {
  std::size_t at = 0;
  for (std::size_t seen = 0; at < text.size(); ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U && seen++ == columns) break;
  }
  return at;
}

/// One line of text, broken. Words longer than a line are cut.
void wrap_line(std::string text, std::size_t columns, std::size_t indent, std::vector<std::string>& lines) {
  while (text_width(text) > columns) {
    const std::size_t most = bytes_of(text, columns);
    const std::size_t begin = text.find_first_not_of(' ');
    std::size_t at = text.rfind(' ', most);
    if (at == std::string::npos || at <= begin) at = most;
    lines.push_back(text.substr(0, at));
    const std::size_t next = text.find_first_not_of(' ', at);
    text = std::string(indent, ' ') + (next == std::string::npos ? "" : text.substr(next));
  }
  if (text.find_first_not_of(' ') != std::string::npos || lines.empty()) lines.push_back(text);
}

/// The first line of a table's note, which may be empty, and the others.
std::vector<std::string> lines_of(const std::string& note) {
  std::vector<std::string> lines;
  std::istringstream stream(note);
  for (std::string line; std::getline(stream, line);) {
    const std::size_t begin = line.find_first_not_of(' ');
    if (begin != std::string::npos || lines.empty())
      lines.push_back(begin == std::string::npos ? "" : line.substr(begin));
  }
  return lines;
}

std::string figure_text(double value, const ScaledUnit& scaled) {
  const bool whole = value == std::floor(value) && std::abs(value) < 1e15;
  const std::string figure = scaled.factor != 1 ? cell_text(value * scaled.factor, kScaledDigits)
                             : whole            ? fmt::format("{:.0f}", value)
                                                : cell_text(value, kDigits);
  return scaled.unit.empty() ? figure : figure + " " + scaled.unit;
}

}  // namespace

std::size_t text_width(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::vector<std::string> wrapped(const std::string& text, std::size_t columns, std::size_t indent) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    std::vector<std::string> parts;
    const bool to_copy = line.find("again: ") == line.find_first_not_of(' ');
    if (to_copy)
      parts.push_back(line);
    else
      wrap_line(line, columns, indent, parts);
    lines.insert(lines.end(), parts.begin(), parts.end());
  }
  return lines;
}

std::string wrapped_text(const std::string& text, std::size_t columns, std::size_t indent) {
  std::string lines;
  for (const std::string& line : wrapped(text, columns, indent)) lines += line + "\n";
  return lines;
}

std::string NumberedNotes::mark(const std::string& note) {
  auto found = std::ranges::find(notes_, note);
  if (found == notes_.end()) found = notes_.insert(notes_.end(), note);
  return fmt::format("[{}]", found - notes_.begin() + 1);
}

std::string NumberedNotes::text() const {
  std::string text;
  for (std::size_t i = 0; i < notes_.size(); ++i)
    text += wrapped_text(fmt::format("  [{}] {}", i + 1, notes_[i]), kTerminalColumns, 6);
  return text;
}

std::string figure_with_unit(double value, const std::string& unit) {
  return figure_text(value, scaled_unit(value, unit));
}

std::string kind_of_source(const std::string& source) {
  if (text_width(source) <= kShortSource) return source;
  constexpr std::array<std::string_view, 8> ends{":", ",", ";", " (", " in ", " of ", " with ", " over "};
  std::size_t end = source.size();
  for (const std::string_view mark : ends) end = std::min(end, source.find(mark));
  return end > kShortSource ? "" : source.substr(0, end);
}

void TerminalText::line(const std::string& text, std::size_t indent) {
  if (text.empty()) text_ += "\n";
  text_ += wrapped_text(text, kTerminalColumns, indent);
}

std::string TerminalText::source_text(const std::string& source, NumberedNotes& notes) {
  const std::string kind = kind_of_source(source);
  if (kind == source) return source.empty() ? "" : "[" + source + "]";
  if (verbose_) return notes.mark(source);
  leave_out(source);
  return kind.empty() ? "" : "[" + kind + "]";
}

void TerminalText::metrics(std::span<const Metric> metrics) {
  NumberedNotes notes;
  std::vector<std::array<std::string, 3>> lines;
  std::array<std::size_t, 2> widths{};
  ScaledUnit unit;  // of the figure before: its half-width has the same
  std::string before;
  for (const Metric& m : with_half_widths({metrics.begin(), metrics.end()})) {
    if (before.empty() || m.name != before + "_half_width") unit = scaled_unit(m.value, m.unit);
    before = m.name;
    lines.push_back({m.name, figure_text(m.value, unit), source_text(m.source, notes)});
    for (std::size_t i = 0; i < widths.size(); ++i) widths[i] = std::max(widths[i], text_width(lines.back()[i]));
  }
  for (const auto& [name, figure, source] : lines) {
    std::string line = fmt::format("  {}{}  {}{}  {}", name, std::string(widths[0] - text_width(name), ' '), figure,
                                   std::string(widths[1] - text_width(figure), ' '), source);
    line.erase(line.find_last_not_of(' ') + 1);
    text_ += wrapped_text(line, kTerminalColumns, 6);
  }
  text_ += notes.text();
}

void TerminalText::footnote(const std::string& text) {
  if (verbose_)
    text_ += wrapped_text("  " + text, kTerminalColumns, 4);
  else
    leave_out(text);
}

void TerminalText::table(const Table& table) {
  NumberedNotes notes;
  Table shown = table;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].name != "source") continue;
    for (auto& row : shown.rows) {
      if (!row[i].is_string()) continue;
      const std::string source = row[i].get<std::string>(), kind = kind_of_source(source);
      if (kind == source) continue;
      if (!verbose_) leave_out(source);
      row[i] = verbose_ ? notes.mark(source) : kind;
    }
  }
  text_ += table_text(shown, notes);  // which may add notes
  text_ += notes.text();
  table_notes(table);
}

void TerminalText::table_notes(const Table& table) {
  const std::vector<std::string> lines = lines_of(table.note);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) {
      footnote(lines[i]);
      continue;
    }
    if (!lines[i].empty()) text_ += wrapped_text("  " + lines[i]);
  }
  std::vector<std::string> sources;
  for (const Column& c : table.columns)
    if (!c.source.empty() && std::ranges::find(sources, c.source) == sources.end()) sources.push_back(c.source);
  for (const std::string& source : sources) {
    if (!verbose_ && kind_of_source(source) == source) continue;  // "derived" is no reason to ask for more
    std::string names;
    for (const Column& c : table.columns)
      if (c.source == source) names += (names.empty() ? "" : ", ") + c.name;
    footnote(verbose_ ? names + ": " + source : source);
  }
}

std::string TerminalText::text() const {
  if (left_out_.empty()) return text_;
  const std::size_t count = left_out_.size();
  return text_ + fmt::format("{} more {}: --verbose\n", count, count == 1 ? "note" : "notes");
}

std::string terminal(const Table& table, bool verbose) {
  TerminalText text(verbose);
  text.table(table);
  return text.text();
}

std::string terminal(const Record& record, bool verbose, const std::string& closing) {
  TerminalText text(verbose);
  text.line(record.title);
  text.metrics(record.metrics);
  for (const Table& table : record.tables) {
    if (&table != &record.tables.front() || !record.metrics.empty()) text.line("");
    text.table(table);
  }
  if (!closing.empty()) text.line(closing);
  return text.text();
}

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
