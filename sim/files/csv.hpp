// A reader of CSV files (RFC 4180) with named columns, which knows where every cell stands.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace subbyte::sim {

struct CsvCell {
  std::string text;
  std::size_t line = 1;    ///< from 1
  std::size_t column = 1;  ///< byte in the line, from 1
};

/// Rows under the header, their cells in the order of `columns`, whatever the order in the file.
struct CsvFile {
  std::string name;
  std::vector<std::string> columns;
  std::vector<std::vector<CsvCell>> rows;

  /// Throws InputError "NAME: LINE:COLUMN: 'column' TEXT".
  [[noreturn]] void fail(std::size_t row, std::size_t column, const std::string& text) const;
  const std::string& text(std::size_t row, std::size_t column) const { return rows[row][column].text; }
  /// The text of a cell, which must be printable and not empty.
  const std::string& required(std::size_t row, std::size_t column) const;
  /// The number in a cell, which must be finite and above 0. Throws as fail().
  double positive(std::size_t row, std::size_t column) const;
  /// The same, but an empty cell gives nothing.
  std::optional<double> positive_or_none(std::size_t row, std::size_t column) const;
};

/// Quoted cells may hold commas, line ends and doubled quotes; lines end in LF or CRLF; empty lines and a byte order
/// mark are skipped. Throws InputError with line and column: a column that is missing, unknown or repeated, a row of
/// another length, a quote where none may stand or without its end, a control character.
CsvFile parse_csv(std::string_view text, const std::string& name, std::span<const std::string_view> columns);

}  // namespace subbyte::sim
