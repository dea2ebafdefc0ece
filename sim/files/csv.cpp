#include "sim/files/csv.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "sim/base/input_error.hpp"

namespace subbyte::sim {
namespace {

using Row = std::vector<CsvCell>;

class Scanner {
 public:
  Scanner(std::string_view text, const std::string& name) : text_(text), name_(name) {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
  }

  std::vector<Row> rows() {
    std::vector<Row> rows;
    while (!done()) {
      if (line_end()) continue;
      Row row{cell()};
      while (take(',')) row.push_back(cell());
      line_end();
      rows.push_back(std::move(row));
    }
    return rows;
  }

 private:
  bool done() const { return at_ == text_.size(); }
  char here() const { return text_[at_]; }
  char step() {
    const char c = text_[at_++];
    ++column_;
    if (c == '\n') {
      ++line_;
      column_ = 1;
    }
    return c;
  }
  bool take(char c) {
    if (done() || here() != c) return false;
    step();
    return true;
  }
  bool line_end() {
    if (text_.substr(at_).starts_with("\r\n")) step();
    return take('\n');
  }
  [[noreturn]] void fail(const std::string& text) const {
    throw InputError(name_, fmt::format("{}:{}", line_, column_), text);
  }

  CsvCell cell() {
    CsvCell cell{"", line_, column_};
    if (take('"')) {
      quoted(cell);
      if (!done() && here() != ',' && here() != '\n' && !text_.substr(at_).starts_with("\r\n"))
        fail("text after a closing quote, expected a comma or the end of the line");
      return cell;
    }
    while (!done() && here() != ',' && here() != '\n' && !text_.substr(at_).starts_with("\r\n")) {
      if (here() == '"') fail("a quote inside a cell, expected the whole cell in quotes and this quote twice");
      if (static_cast<unsigned char>(here()) < ' ' && here() != '\t') fail("a control character, expected text");
      cell.text += step();
    }
    return cell;
  }
  void quoted(CsvCell& cell) {
    for (;;) {
      if (done()) throw InputError(name_, fmt::format("{}:{}", cell.line, cell.column), "a quote without its end");
      if (here() == '"') {
        step();
        if (done() || here() != '"') return;
      } else if (static_cast<unsigned char>(here()) < ' ' && here() != '\t' && here() != '\n' && here() != '\r') {
        fail("a control character, expected text");
      }
      cell.text += step();
    }
  }

  std::string_view text_;
  const std::string& name_;
  std::size_t at_ = 0, line_ = 1, column_ = 1;
};

std::string place(const CsvCell& cell) { return fmt::format("{}:{}", cell.line, cell.column); }

/// Where each wanted column stands in the file.
std::vector<std::size_t> header_order(const Row& header, const std::string& name,
                                      const std::vector<std::string>& columns) {
  std::vector<std::size_t> order(columns.size(), header.size());
  for (std::size_t i = 0; i < header.size(); ++i) {
    const auto found = std::ranges::find(columns, header[i].text);
    const auto index = static_cast<std::size_t>(found - columns.begin());
    if (found == columns.end() || order[index] != header.size())
      throw InputError(name, place(header[i]),
                       fmt::format("column '{}' is {}, expected {}", header[i].text,
                                   found == columns.end() ? "unknown" : "there twice", fmt::join(columns, ",")));
    order[index] = i;
  }
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (order[c] == header.size())
      throw InputError(name, place(header[0]),
                       fmt::format("column '{}' is missing, expected {}", columns[c], fmt::join(columns, ",")));
  }
  return order;
}

}  // namespace

void CsvFile::fail(std::size_t row, std::size_t column, const std::string& text) const {
  throw InputError(name, place(rows[row][column]), fmt::format("'{}' {}", columns[column], text));
}

const std::string& CsvFile::required(std::size_t row, std::size_t column) const {
  const std::string& text = rows[row][column].text;
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) fail(row, column, "is empty, expected a text");
  return text;
}

double CsvFile::positive(std::size_t row, std::size_t column) const {
  const std::string& text = rows[row][column].text;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  // This is beyond what any memory has, and sums of products of such figures are finite.
  constexpr double kMost = 1e15;
  if (error != std::errc() || end != text.data() + text.size() || !(value > 0 && value <= kMost))
    fail(row, column, fmt::format("is '{}', expected a number above 0, at most {:g}", text, kMost));
  return value;
}

std::optional<double> CsvFile::positive_or_none(std::size_t row, std::size_t column) const {
  if (rows[row][column].text.empty()) return std::nullopt;
  return positive(row, column);
}

CsvFile parse_csv(std::string_view text, const std::string& name, std::span<const std::string_view> columns) {
  CsvFile file{name, {columns.begin(), columns.end()}, {}};
  std::vector<Row> rows = Scanner(text, name).rows();
  if (rows.empty())
    throw InputError(name, "1:1", fmt::format("is empty, expected the columns {}", fmt::join(columns, ",")));
  const auto order = header_order(rows[0], name, file.columns);
  for (std::size_t r = 1; r < rows.size(); ++r) {
    if (rows[r].size() != order.size())
      throw InputError(name, place(rows[r][0]),
                       fmt::format("a row of {} cells, expected {}", rows[r].size(), order.size()));
    file.rows.emplace_back();
    for (const std::size_t c : order) file.rows.back().push_back(std::move(rows[r][c]));
  }
  return file;
}

}  // namespace subbyte::sim
