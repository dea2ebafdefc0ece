#include "sim/config/memory_table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "quant/base/suggestion.hpp"
#include "sim/base/file_bytes.hpp"
#include "sim/base/hash.hpp"
#include "sim/base/input_error.hpp"
#include "sim/base/paths.hpp"
#include "sim/files/csv.hpp"

namespace subbyte::sim {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 9> kSramColumns{"technology", "word_bits", "capacity_bytes",
                                                       "read_pj",    "write_pj",  "area_um2",
                                                       "leakage_nw", "source",    "access_ns"};
constexpr std::size_t kAccess = 8;
constexpr std::array<std::string_view, 5> kDramColumns{"name", "pj_per_bit", "low", "high", "source"};
constexpr std::size_t kMostBytes = std::size_t{1} << 20;
constexpr double kLargestInteger = 1e15;

std::int64_t integer(const CsvFile& file, std::size_t row, std::size_t column) {
  const double value = file.positive(row, column);
  if (value > kLargestInteger || value != std::floor(value))
    file.fail(row, column, fmt::format("is '{}', expected an integer from 1", file.text(row, column)));
  return static_cast<std::int64_t>(value);
}

std::string text_of(const std::string& path, const char* own) {
  const std::string file = path.empty() ? (source_folder() / "configs" / "memories" / own).string() : path;
  const FileBytes bytes = FileBytes::map(file);
  if (bytes.size() > kMostBytes)
    throw InputError(file, "", fmt::format("has {} bytes, expected a table of {} at most", bytes.size(), kMostBytes));
  const auto all = bytes.all();
  return {all.begin(), all.end()};
}

std::string name_of(const std::string& path, const char* own) {
  return path.empty() ? fmt::format("configs/memories/{}", own) : path;
}

template <typename Table>
Table with_file(Table table, const std::string& text, bool own) {
  table.file = {table.name, short_hash(text), own};
  return table;
}

std::string kib(std::int64_t bytes) { return fmt::format("{:g} KiB", static_cast<double>(bytes) / 1024); }

/// Interpolates between two figures when both are there.
std::optional<double> between(std::optional<double> a, std::optional<double> b, double share) {
  if (!a || !b) return std::nullopt;
  return std::exp(std::log(*a) + share * (std::log(*b) - std::log(*a)));
}

std::string both_sources(const SramEntry& low, const SramEntry& high) {
  const std::string range =
      fmt::format("logarithms interpolated between {} and {}", kib(low.capacity_bytes), kib(high.capacity_bytes));
  if (low.source == high.source) return fmt::format("{}, both: {}", range, low.source);
  return fmt::format("{}: {} | {}", range, low.source, high.source);
}

}  // namespace

std::vector<std::string> SramTable::technologies() const {
  std::vector<std::string> names;
  for (const SramEntry& entry : entries)
    if (std::ranges::find(names, entry.technology) == names.end()) names.push_back(entry.technology);
  return names;
}

std::vector<std::int64_t> SramTable::widths(std::string_view technology) const {
  std::vector<std::int64_t> widths;
  for (const SramEntry& entry : entries)
    if (entry.technology == technology && std::ranges::find(widths, entry.word_bits) == widths.end())
      widths.push_back(entry.word_bits);
  std::ranges::sort(widths);
  return widths;
}

std::vector<SramEntry> SramTable::select(std::string_view technology, std::int64_t word_bits) const {
  std::vector<SramEntry> selected;
  for (const SramEntry& entry : entries)
    if (entry.technology == technology && entry.word_bits == word_bits) selected.push_back(entry);
  std::ranges::sort(selected, {}, &SramEntry::capacity_bytes);
  return selected;
}

const DramEntry* DramTable::find(std::string_view wanted) const {
  const auto found = std::ranges::find(entries, wanted, &DramEntry::name);
  return found == entries.end() ? nullptr : &*found;
}

std::string DramTable::why_unknown(std::string_view wanted) const {
  std::string small(wanted);
  std::ranges::transform(small, small.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (small.starts_with("lpddr5"))
    return "no trustworthy energy of LPDDR5 is published, so there is none here; give your own in a CSV file of "
           "name,pj_per_bit,low,high,source by --dram FILE, or dram_file in the design";
  std::vector<std::string> names;
  for (const DramEntry& entry : entries) names.push_back(entry.name);
  const std::string near = quant::suggestion(wanted, names);
  return fmt::format("not in {}, expected one of {}{}", name, fmt::join(names, ", "),
                     near.starts_with("did") ? "; " + near : "");
}

SramTable parse_sram_table(std::string_view text, const std::string& name) {
  const bool timed = text.substr(0, text.find('\n')).find(kSramColumns[kAccess]) != text.npos;
  const CsvFile file = parse_csv(text, name, std::span(kSramColumns).first(timed ? kAccess + 1 : kAccess));
  SramTable table{name, {}, {}};
  std::set<std::tuple<std::string, std::int64_t, std::int64_t>> seen;
  for (std::size_t row = 0; row < file.rows.size(); ++row) {
    const SramEntry entry{file.required(row, 0),
                          integer(file, row, 1),
                          integer(file, row, 2),
                          file.positive(row, 3),
                          file.positive_or_none(row, 4),
                          file.positive_or_none(row, 5),
                          file.positive_or_none(row, 6),
                          file.required(row, 7),
                          timed ? file.positive_or_none(row, kAccess) : std::nullopt};
    if (!seen.emplace(entry.technology, entry.word_bits, entry.capacity_bytes).second)
      file.fail(row, 2, fmt::format("is there twice for {} at {} bits", entry.technology, entry.word_bits));
    table.entries.push_back(entry);
  }
  if (table.entries.empty()) throw InputError(name, "1:1", "has no entries, expected at least one");
  return table;
}

DramTable parse_dram_table(std::string_view text, const std::string& name) {
  const CsvFile file = parse_csv(text, name, kDramColumns);
  DramTable table{name, {}, {}};
  std::set<std::string> seen;
  for (std::size_t row = 0; row < file.rows.size(); ++row) {
    const DramEntry entry{file.required(row, 0), file.positive(row, 1), file.positive(row, 2), file.positive(row, 3),
                          file.required(row, 4)};
    if (!seen.insert(entry.name).second) file.fail(row, 0, fmt::format("'{}' is there twice", entry.name));
    if (entry.low > entry.pj_per_bit)
      file.fail(row, 2, fmt::format("is {}, expected {} at most, the value", entry.low, entry.pj_per_bit));
    if (entry.high < entry.pj_per_bit)
      file.fail(row, 3, fmt::format("is {}, expected {} at least, the value", entry.high, entry.pj_per_bit));
    table.entries.push_back(entry);
  }
  if (table.entries.empty()) throw InputError(name, "1:1", "has no entries, expected at least one");
  return table;
}

SramTable read_sram_table(const std::string& path) {
  const std::string text = text_of(path, "sram.csv");
  return with_file(parse_sram_table(text, name_of(path, "sram.csv")), text, !path.empty());
}

DramTable read_dram_table(const std::string& path) {
  const std::string text = text_of(path, "dram.csv");
  return with_file(parse_dram_table(text, name_of(path, "dram.csv")), text, !path.empty());
}

SramEntry sram_at(std::span<const SramEntry> entries, std::int64_t capacity_bytes) {
  if (entries.empty()) throw std::invalid_argument("SRAM: no entries to choose from");
  const SramEntry& first = entries.front();
  const auto above = std::ranges::lower_bound(entries, capacity_bytes, {}, &SramEntry::capacity_bytes);
  if (above != entries.end() && above->capacity_bytes == capacity_bytes) return *above;
  if (above == entries.end() || above == entries.begin()) {
    const std::string range =
        entries.size() == 1 ? fmt::format("{} alone", kib(first.capacity_bytes))
                            : fmt::format("{} to {}", kib(first.capacity_bytes), kib(entries.back().capacity_bytes));
    throw InputError(
        "", fmt::format("SRAM '{}', words of {} bits", first.technology, first.word_bits),
        fmt::format(
            "a bank of {} is outside the table's range, expected {}: nothing is extrapolated (sram_bank_kib sets the "
            "capacity of a bank, --sram FILE another table)",
            kib(capacity_bytes), range));
  }
  const SramEntry& low = *(above - 1);
  const SramEntry& high = *above;
  const double share = std::log(static_cast<double>(capacity_bytes) / static_cast<double>(low.capacity_bytes)) /
                       std::log(static_cast<double>(high.capacity_bytes) / static_cast<double>(low.capacity_bytes));
  return {low.technology,
          low.word_bits,
          capacity_bytes,
          *between(low.read_pj, high.read_pj, share),
          between(low.write_pj, high.write_pj, share),
          between(low.area_um2, high.area_um2, share),
          between(low.leakage_nw, high.leakage_nw, share),
          both_sources(low, high),
          between(low.access_ns, high.access_ns, share)};
}

nlohmann::json to_json(const SramEntry& entry) {
  const auto optional = [](const std::optional<double>& value) {
    return value ? nlohmann::json(*value) : nlohmann::json();
  };
  return {{"technology", entry.technology},
          {"word_bits", entry.word_bits},
          {"capacity_bytes", entry.capacity_bytes},
          {"read_pj", entry.read_pj},
          {"write_pj", optional(entry.write_pj)},
          {"area_um2", optional(entry.area_um2)},
          {"leakage_nw", optional(entry.leakage_nw)},
          {"access_ns", optional(entry.access_ns)},
          {"source", entry.source}};
}

nlohmann::json to_json(const DramEntry& entry) {
  return {{"name", entry.name},
          {"pj_per_bit", entry.pj_per_bit},
          {"low", entry.low},
          {"high", entry.high},
          {"source", entry.source}};
}

nlohmann::json to_json(const TableFile& file) { return {{"file", file.name}, {"hash", file.hash}}; }

}  // namespace subbyte::sim
