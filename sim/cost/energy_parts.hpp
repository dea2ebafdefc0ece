// One row of an energy: an action, how often it happened, and what it costs. A layer on a tile and one on a core make
// their rows here.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/config/memory_table.hpp"
#include "sim/cost/roofline.hpp"

namespace subbyte::sim {

/// Holds an action, how often it happened, and what it costs.
struct EnergyPart {
  std::string unit;    ///< where it happens: one of energy_units()
  std::string action;  ///< "cycles", "reads of 64 bits", ...
  double count = 0;
  double pj_each = 0;
  double energy_j = 0;
  /// the published range of a DRAM, or the 95 % interval of the windows; empty for what has neither
  std::optional<double> low_j;
  std::optional<double> high_j;
  std::string source;    ///< "netlist in ...", "table: NAME ..."
  std::string citation;  ///< where a table's entry was published
};

/// The actions of the unit in which its logic works: on a chunk, and in a tile of a core that no token reaches, whose
/// weights switch alone.
inline constexpr std::string_view kWork = "cycles";
inline constexpr std::string_view kWorkWithoutTokens = "cycles of tiles without a token";
inline constexpr std::string_view kLeakage = "cycles of leakage";

/// Tells whether the part is one of the two above.
bool is_work(const EnergyPart& part);

/// Returns a part without a range; its energy is the count times `pj_each`.
EnergyPart energy_part(const std::string& unit, std::string_view action, double count, double pj_each,
                       const std::string& source, const std::string& citation = "");
/// Sets the range of a part from that of one action.
void set_range(EnergyPart& part, double low_pj, double high_pj);

/// Returns the source of a table's entry; a table of the user's own is named.
std::string table_source(const std::string& entry, const TableFile& file);
/// Returns the same of a bank: "table: ihp130, 16 KiB".
std::string bank_source(const SramEntry& bank, const TableFile& file);
/// Throws InputError for a bank whose table has no energy of a write.
void require_write_energy(const SramEntry& bank);

/// Adds a part for each stream of memory, in bits.
void add_dram(std::vector<EnergyPart>& parts, const Traffic& traffic, const DramEntry& dram, const TableFile& file);

}  // namespace subbyte::sim
