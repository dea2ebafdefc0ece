// The result record: what every command leaves behind, and what the writers (terminal, CSV, JSON, HTML) read.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace subbyte::reports {

/// One measured or derived figure. `source` says where it comes from: "rtl", "model", "derived" or "table: <citation>";
/// figures of different sources are never added without saying so.
struct Metric {
  std::string name;
  std::string quantity;  ///< "time", "area", "error", ...
  std::string unit;      ///< "cycles", "um2", "dB", ...; empty for a pure number
  double value = 0;
  std::string source;
};

struct Column {
  std::string name;
  std::string unit;
  std::string source;
  int digits = 4;  ///< significant digits when a cell is a number
};

/// Cells are JSON strings, numbers, booleans or null (printed as "-").
struct Table {
  std::string title;
  std::vector<Column> columns;
  std::vector<std::vector<nlohmann::json>> rows;
  std::string note;
};

/// A scatter plot over two columns of one table; one series per distinct value of column `series`, marked where `mark` is true.
struct Scatter {
  std::string title;
  std::size_t table = 0;
  std::size_t x = 0;
  std::size_t y = 0;
  std::size_t series = 0;
  std::size_t mark = 0;
  bool log_x = false;
  bool log_y = false;
  std::size_t label = 0;  ///< names the marked points of a picture
};

struct Record {
  std::string title;
  std::string kind;  ///< the command that made it
  nlohmann::json provenance = nlohmann::json::object();  ///< resolved configuration, hashes, versions, seeds, files
  std::vector<Metric> metrics;
  std::vector<Table> tables;
  std::vector<Scatter> scatters;
};

nlohmann::json to_json(const Record& record);
/// Throws std::invalid_argument naming the key that is missing or of the wrong type.
Record record_from_json(const nlohmann::json& json);

/// A cell as text: numbers with the column's significant digits, thousands kept together.
std::string cell_text(const nlohmann::json& cell, int digits = 4);

/// An aligned table for a terminal, title first, units under the names.
std::string terminal(const Table& table);
/// Title, metrics and tables.
std::string terminal(const Record& record);
/// RFC 4180, one header line `name [unit]`.
std::string csv(const Table& table);
/// One self-contained page (no network): tables that sort on a click, scatter plots with a tooltip per point, light and
/// dark, readable at phone width.
std::string html(const std::string& title, const std::vector<Record>& records);

}  // namespace subbyte::reports
