// Reads what operations on numbers cost, from a table with a source per entry (configs/arithmetic).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace subbyte::sim {

/// Published energies of one operation each.
struct ArithmeticEntry {
  std::string technology;
  double fp32_add_pj = 0;
  double fp32_multiply_pj = 0;
  double int32_add_pj = 0;  ///< also of a comparison, and of a step of a division
  std::string source;
};

/// The columns are technology,fp32_add_pj,fp32_multiply_pj,int32_add_pj,source. Throws InputError with line and column
/// as parse_csv() does, for an entry that stands twice, and for a table without entries.
std::vector<ArithmeticEntry> parse_arithmetic_table(std::string_view text, const std::string& name);
/// Reads configs/arithmetic/operations.csv.
std::vector<ArithmeticEntry> read_arithmetic_table();

}  // namespace subbyte::sim
