// What a terminal shows: lines of at most 120 columns, figures with prefixes, long sources as numbered notes.
#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reports/record.hpp"

namespace subbyte::reports {

inline constexpr std::size_t kTerminalColumns = 120;

/// Columns that a text takes: code points, because headers hold "µm²".
std::size_t text_width(std::string_view text);

/// The text in lines of at most `columns`, broken at blanks where there are some; what follows a break is set in by
/// `indent`. Its own ends of lines stay, and so does a line "again: COMMAND", which is there to be copied.
std::vector<std::string> wrapped(const std::string& text, std::size_t columns = kTerminalColumns,
                                 std::size_t indent = 2);

/// The same lines, each with its end.
std::string wrapped_text(const std::string& text, std::size_t columns = kTerminalColumns, std::size_t indent = 2);

/// Notes of one table or list, each distinct one once, by numbers from 1.
class NumberedNotes {
 public:
  /// "[n]"
  std::string mark(const std::string& note);
  /// "  [n] NOTE" in lines of at most 120 columns, and nothing where there are no notes.
  std::string text() const;

 private:
  std::vector<std::string> notes_;
};

/// A figure with the unit that reads best: "208.9 nJ/token", "1069 cycles".
std::string figure_with_unit(double value, const std::string& unit);

/// What a source is, without its conditions: "netlist" of "netlist in osu018 (typical ...)". A short one stays.
std::string kind_of_source(const std::string& source);

/// Text that grows from above to below. Without `verbose` it holds what is left out as a number, and says that number
/// at its end.
class TerminalText {
 public:
  explicit TerminalText(bool verbose) : verbose_(verbose) {}

  bool verbose() const { return verbose_; }
  /// A text of its own, broken into lines of which the further ones are set in by `indent`; "" is an empty line.
  void line(const std::string& text, std::size_t indent = 2);
  /// Names, figures and sources, one per line. A long source is its kind alone, or with `verbose` a numbered note.
  void metrics(std::span<const Metric> metrics);
  /// Title, columns with units, rows and note. Where it would be too wide, headers and cells are broken into lines,
  /// long cells become numbered notes, and at last the columns stand in several blocks.
  void table(const Table& table);
  /// Shown with `verbose` alone, as every further line of a table's note is.
  void footnote(const std::string& text);

  /// Everything, with "N notes: --verbose" at the end where something was left out.
  std::string text() const;

 private:
  void leave_out(const std::string& note) { left_out_.insert(note); }
  std::string source_text(const std::string& source, NumberedNotes& notes);
  void table_notes(const Table& table);

  bool verbose_;
  std::string text_;
  std::set<std::string> left_out_;
};

std::string terminal(const Table& table, bool verbose = false);
/// Title, metrics and tables, and `closing` before the word on what was left out.
std::string terminal(const Record& record, bool verbose = false, const std::string& closing = "");

/// An aligned table of at most 120 columns, title first, units under the names, without its note. Cells that are too
/// long go to `notes`.
std::string table_text(const Table& table, NumberedNotes& notes);

}  // namespace subbyte::reports
