// Design: what is built. Every parameter is stated in its file (configs/designs/); there are no hidden
// defaults.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/contract/unit.hpp"
#include "sim/config/memory_table.hpp"

namespace subbyte::sim {

/// Off-chip memory and the buffers that decide how often a tensor crosses it (see metric.hpp), and what an access of
/// either costs.
struct Memory {
  double bandwidth_gb_per_s = 0;  ///< 1e9 bytes per second
  std::int64_t weight_buffer_kib =
      0;  ///< holds the packed weights of one output tile, or they are read again per token tile
  std::int64_t activation_buffer_kib = 0;  ///< holds all activations of a layer, or they are read again per output tile
  DramEntry dram;                          ///< energy per bit
  std::vector<SramEntry> sram;             ///< of the buffers' technology and word, by capacity
  std::int64_t sram_bank_kib = 0;  ///< a buffer is made of banks of this capacity at most, of which an access opens one
  TableFile dram_file{}, sram_file{};  ///< where the entries stand
};

struct Design {
  std::string name;
  std::string summary;
  const kernels::UnitInfo* unit = nullptr;  ///< of the catalogue; there in every design that was read
  kernels::Parameters parameters;           ///< complete
  double clock_mhz = 0;
  std::string technology;  ///< cell library that area, power and the clock's check are asked of
  Memory memory;
  /// the configuration as read, for results; with the memories' own tables by name and content
  nlohmann::json resolved;
  std::string hash;  ///< config_hash(resolved)
};

/// A name of configs/designs (without .yaml), or the path of a YAML file. The memories' energies come from `files`,
/// else from the files that the design names (relative to it), else from configs/memories. Throws ConfigError with
/// every problem of the file, InputError for a name that does not exist (with the nearest one) and as the tables'
/// readers.
Design read_design(const std::string& name_or_path, const MemoryFiles& files = {});
/// From a text; `origin` names it in errors.
Design parse_design(const std::string& text, const std::string& origin, const MemoryFiles& files = {});
/// The same design with parameters replaced (`resolved` and `hash` follow). Throws std::invalid_argument as
/// kernels::resolve.
Design with_parameters(const Design& design, const kernels::Parameters& changes);
/// Names in configs/designs, sorted.
std::vector<std::string> design_names();

}  // namespace subbyte::sim
