// Reads CSV files (RFC 4180) with named columns, and knows where every cell stands.
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
  std::size_t line = 1;    ///< counted from 1
  std::size_t column = 1;  ///< byte in the line, counted from 1
};

/// The rows under the header, with their cells in the order of `columns`, whatever the order in the file is.
struct CsvFile {
  std::string name;
  std::vector<std::string> columns;
  std::vector<std::vector<CsvCell>> rows;

  /// Throws InputError "NAME: LINE:COLUMN: 'column' TEXT".
  [[noreturn]] void fail(std::size_t row, std::size_t column, const std::string& text) const;
  const std::string& text(std::size_t row, std::size_t column) const { return rows[row][column].text; }
  /// Returns the text of a cell, which must be printable and not empty.
  const std::string& required(std::size_t row, std::size_t column) const;
  /// Returns the number in a cell, which must be finite and above 0. Throws as fail() does.
  double positive(std::size_t row, std::size_t column) const;
  /// Does the same, but an empty cell gives nothing.
  std::optional<double> positive_or_none(std::size_t row, std::size_t column) const;
};

/// Quoted cells may hold commas, line ends and doubled quotes; lines end in LF or CRLF; empty lines and a byte order
/// mark are skipped. Throws InputError with line and column for a column that is missing, unknown or repeated, for a
/// row of another length, for a quote where none may stand or without its end, and for a control character.
CsvFile parse_csv(std::string_view text, const std::string& name, std::span<const std::string_view> columns);

}  // namespace subbyte::sim
