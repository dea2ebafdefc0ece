#include "sim/config/arithmetic_table.hpp"

#include <array>
#include <set>

#include "sim/base/file_bytes.hpp"
#include "sim/base/input_error.hpp"
#include "sim/base/paths.hpp"
#include "sim/files/csv.hpp"

namespace subbyte::sim {
namespace {

constexpr std::array<std::string_view, 5> kColumns{"technology", "fp32_add_pj", "fp32_multiply_pj", "int32_add_pj",
                                                   "source"};

}  // namespace

std::vector<ArithmeticEntry> parse_arithmetic_table(std::string_view text, const std::string& name) {
  const CsvFile file = parse_csv(text, name, kColumns);
  std::vector<ArithmeticEntry> entries;
  std::set<std::string> seen;
  for (std::size_t row = 0; row < file.rows.size(); ++row) {
    entries.push_back({file.required(row, 0), file.positive(row, 1), file.positive(row, 2), file.positive(row, 3),
                       file.required(row, 4)});
    if (!seen.insert(entries.back().technology).second) file.fail(row, 0, "is there twice, expected each entry once");
  }
  if (entries.empty()) throw InputError(name, "1:1", "has no entries, expected at least one");
  return entries;
}

std::vector<ArithmeticEntry> read_arithmetic_table() {
  const std::string name = "configs/arithmetic/operations.csv";
  const FileBytes bytes = FileBytes::map(source_folder() / name);
  const auto all = bytes.all();
  return parse_arithmetic_table(std::string(all.begin(), all.end()), name);
}

}  // namespace subbyte::sim
