// The result record: what every command leaves behind, and what the writers (terminal, CSV, JSON, HTML) read.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace subbyte::reports {

/// Says on what a figure stands beside its source, where that decides with which others it may be compared.
struct Basis {
  bool timed = false;   ///< whether gates switch with inertial delays, so that glitches are in the figure
  bool scaled = false;  ///< whether the figure was carried over to another technology node by equations
  bool operator==(const Basis&) const = default;
};

/// Holds one measured or derived figure. `source` says where it comes from: "rtl", "model", "derived" or "table:
/// <citation>"; figures of different sources are never added without saying so.
struct Metric {
  std::string name;
  std::string quantity;  ///< "time", "area", "error", ...
  std::string unit;      ///< "cycles", "um2", "dB", ...; empty for a pure number
  double value = 0;      ///< null in JSON where it is not finite, read back as not a number, and printed as "-"
  std::string source;
  std::optional<double> half_width{};  ///< half of the 95 % confidence interval, in `unit`, where one was measured
  Basis basis{};
};

/// Returns metrics as a reader sees them: behind a metric with a half-width stands that width as a figure of its own,
/// NAME_half_width.
std::vector<Metric> with_half_widths(const std::vector<Metric>& metrics);

struct Column {
  std::string name;
  std::string unit;
  std::string source;
  int digits = 4;  ///< significant digits when a cell is a number
};

/// Cells are JSON strings, numbers, booleans or null (printed as "-"). A last row whose first cell is "total" is the
/// sum of the others: sorting keeps it last and charts leave it out.
struct Table {
  std::string title;
  std::vector<Column> columns;
  std::vector<std::vector<nlohmann::json>> rows;
  std::string note;
};

/// The index of the column with this name. Throws std::out_of_range naming it where none has it or several have.
std::size_t column(const Table& table, std::string_view name);

/// Tells whether the last row is the sum of the others.
bool has_total(const Table& table);

// Charts are data: they say which columns of which table of the record (by index) are drawn in which way. Their units
// and sources are those of the columns.

inline constexpr std::size_t kNoColumn = static_cast<std::size_t>(-1);

/// Says what a line through the points of a scatter plot joins, in the order of x. kFront joins the points that no
/// other beats, where small is good on both axes; the drawing finds and marks them.
enum class Join { kNone, kSeries, kMarked, kFront };

/// A scatter plot over two columns of one table. It has one series per distinct value of column `series`, whose points
/// are marked where column `mark` is true.
struct Scatter {
  std::string title;
  std::size_t table = 0;
  std::size_t x = 0;
  std::size_t y = 0;
  std::size_t series = 0;
  std::size_t mark = 0;
  bool log_x = false;
  bool log_y = false;
  std::size_t label = 0;  ///< names the points
  Join join = Join::kNone;
  std::size_t size = kNoColumn;    ///< its values are the areas of the points
  std::size_t half_x = kNoColumn;  ///< half-widths of the intervals that are drawn through the points
  std::size_t half_y = kNoColumn;
  double floor_y =
      0;  ///< with log_y: smaller values, which may be zero or below, lie on this one; 0: they are left out
};

/// Rectangles whose areas are the values of a column, one per row with a positive value, within one frame per distinct
/// value of column `group` (kNoColumn: no frames).
struct Treemap {
  std::string title;
  std::size_t table = 0;
  std::size_t name = 0;
  std::size_t value = 0;
  std::size_t group = kNoColumn;
};

/// Draws one bar per row, named by column `category`; the columns `values` (of one unit) are stacked, or stand side by
/// side.
struct Bars {
  std::string title;
  std::size_t table = 0;
  std::size_t category = 0;
  std::vector<std::size_t> values;
  bool stacked = true;
  bool log = false;  ///< draws on a logarithmic axis, which does not go with `stacked`
};

/// Draws, as in Williams, Waterman and Patterson (CACM'09), one point per row at (intensity, attained) on logarithmic
/// axes, under min(peak, bandwidth * intensity), with one such roof per distinct (design, peak, bandwidth). Attained
/// and peak have the same unit, and so has bandwidth * intensity.
struct Roofline {
  std::string title;
  std::size_t table = 0;
  std::size_t name = 0;
  std::size_t intensity = 0;  ///< for example MAC per byte of memory traffic
  std::size_t attained = 0;   ///< for example MAC per cycle
  std::size_t peak = 0;
  std::size_t bandwidth = 0;  ///< for example bytes per cycle
  std::size_t design = 0;
};

struct Record {
  std::string title;
  std::string kind;                                      ///< the command that made it
  nlohmann::json provenance = nlohmann::json::object();  ///< resolved configuration, hashes, versions, seeds, files
  std::vector<Metric> metrics;
  std::vector<Table> tables;
  std::vector<Scatter> scatters;
  std::vector<Treemap> treemaps;
  std::vector<Bars> bars;
  std::vector<Roofline> rooflines;
};

nlohmann::json to_json(const Record& record);
/// Throws std::invalid_argument naming the key that is missing or of the wrong type, or the chart whose table or column
/// is not there. Chart kinds that the JSON does not mention are empty (records of older versions).
Record record_from_json(const nlohmann::json& json);

/// Writes a cell as text: numbers have the column's significant digits, and their thousands are kept together.
std::string cell_text(const nlohmann::json& cell, int digits = 4);

/// Writes an aligned table for a terminal, with the title first and the units under the names.
std::string terminal(const Table& table);
/// Writes the title, the metrics and the tables.
std::string terminal(const Record& record);
/// Writes CSV by RFC 4180, with one header line of `name [unit]`.
std::string csv(const Table& table);
/// Writes one self-contained page that needs no network. Its tables sort on a click, and its scatter plots have a
/// tooltip per point; it has a light and a dark theme and can be read at the width of a phone.
std::string html(const std::string& title, const std::vector<Record>& records);

}  // namespace subbyte::reports
