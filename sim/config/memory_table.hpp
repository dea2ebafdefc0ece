// Reads what on-chip and off-chip memories cost per access from tables with a source per entry (configs/memories, or a
// user's CSV).
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace subbyte::sim {

/// Says which file a table was, because two files of one name may differ.
struct TableFile {
  std::string name;
  std::string hash;  ///< hash of its bytes
  bool own = false;  ///< whether it stands in place of the committed one
};

/// One macro, or a published figure of one, with energies per access of a whole word. A figure that nobody gave is
/// absent.
struct SramEntry {
  std::string technology;
  std::int64_t word_bits = 0;
  std::int64_t capacity_bytes = 0;
  double read_pj = 0;
  std::optional<double> write_pj;
  std::optional<double> area_um2;
  std::optional<double> leakage_nw;
  std::string source;
  std::optional<double> access_ns{};  ///< from the clock edge to the word
};

/// The columns are technology,word_bits,capacity_bytes,read_pj,write_pj,area_um2,leakage_nw,access_ns,source; a table
/// may lack access_ns.
struct SramTable {
  std::string name;  ///< name of the file
  std::vector<SramEntry> entries;
  TableFile file{};

  std::vector<std::string> technologies() const;                        ///< in the order of the file, each once
  std::vector<std::int64_t> widths(std::string_view technology) const;  ///< ascending
  /// Returns the entries of a technology and word by capacity; the list is empty when there is none.
  std::vector<SramEntry> select(std::string_view technology, std::int64_t word_bits) const;
};

/// Energy per bit that crosses the bus. `low` and `high` are the range of what was published.
struct DramEntry {
  std::string name;
  double pj_per_bit = 0;
  double low = 0;
  double high = 0;
  std::string source;
};

/// The columns are name,pj_per_bit,low,high,source.
struct DramTable {
  std::string name;
  std::vector<DramEntry> entries;
  TableFile file{};

  const DramEntry* find(std::string_view name) const;
  /// Returns what to say of a name that is not in the table: the nearest name, or for LPDDR5 that nobody published a
  /// figure that can be trusted.
  std::string why_unknown(std::string_view name) const;
};

/// Both read configs/memories/{sram,dram}.csv where the path is empty. They throw InputError with line and column as
/// parse_csv() does, and for a number that is not one, an entry that stands twice, a table without entries, and low and
/// high that do not enclose the value.
SramTable read_sram_table(const std::string& path = "");
DramTable read_dram_table(const std::string& path = "");
SramTable parse_sram_table(std::string_view text, const std::string& name);
DramTable parse_dram_table(std::string_view text, const std::string& name);

/// Returns the entry of this capacity, or one between the two that enclose it: each figure that both have is
/// interpolated linearly in the logarithms of figure and capacity, and the source says so and cites both. `entries` are
/// as SramTable::select() gives them. Throws InputError outside their range, which it names, because nothing is
/// extrapolated.
SramEntry sram_at(std::span<const SramEntry> entries, std::int64_t capacity_bytes);

nlohmann::json to_json(const SramEntry& entry);
nlohmann::json to_json(const DramEntry& entry);
/// Returns {"file","hash"}.
nlohmann::json to_json(const TableFile& file);

}  // namespace subbyte::sim
