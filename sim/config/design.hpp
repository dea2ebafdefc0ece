// A design is what is built. Every parameter is stated in its file (configs/designs/); there are no hidden defaults.
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

/// Off-chip memory and the buffers that decide how often a tensor crosses it (see sim/cost/roofline.hpp), with what an
/// access of either costs.
struct Memory {
  double bandwidth_gb_per_s = 0;  ///< 1e9 bytes per second
  /// Holds the packed weights of one output tile, or they are read again per token tile.
  std::int64_t weight_buffer_kib = 0;
  std::int64_t activation_buffer_kib = 0;  ///< holds all activations of a layer, or they are read again per output tile
  DramEntry dram;                          ///< energy per bit
  std::vector<SramEntry> sram;             ///< the entries of the buffers' technology and word, by capacity
  /// A buffer is made of banks of at most this capacity, and an access opens one of them.
  std::int64_t sram_bank_kib = 0;
  TableFile dram_file{}, sram_file{};  ///< where the entries stand
};

struct Design {
  std::string name;
  std::string summary;
  const kernels::UnitInfo* unit = nullptr;  ///< a row of the catalogue; it is there in every design that was read
  kernels::Parameters parameters;           ///< every parameter of the unit
  double clock_mhz = 0;
  std::string technology;  ///< cell library that area, power and the clock's check are asked of
  Memory memory;
  /// The configuration as read, for results. The memories' own tables stand in it by name and content.
  nlohmann::json resolved;
  std::string hash;  ///< config_hash(resolved)
};

/// Reads a design: `name` is one of configs/designs (without .yaml), or the path of a YAML file. The memories' energies
/// come from `files`, else from the files that the design names (relative to it), else from configs/memories. Throws
/// ConfigError with every problem of the file, InputError for a name that does not exist (with the nearest one), and
/// whatever the readers of the tables throw.
Design read_design(const std::string& name_or_path, const MemoryFiles& files = {});
/// Reads a design from a text; `origin` names it in errors.
Design parse_design(const std::string& text, const std::string& origin, const MemoryFiles& files = {});
/// Returns the same design with parameters replaced (`resolved` and `hash` follow). Throws std::invalid_argument as
/// kernels::resolve does.
Design with_parameters(const Design& design, const kernels::Parameters& changes);
/// Returns the names in configs/designs, sorted.
std::vector<std::string> design_names();

}  // namespace subbyte::sim
