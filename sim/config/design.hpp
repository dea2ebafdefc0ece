// A design is what is built. Every parameter is stated in its file (configs/designs/) or in the design that it is based
// on; there are no hidden defaults.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/contract/unit.hpp"
#include "sim/config/config.hpp"
#include "sim/config/config_keys.hpp"
#include "sim/config/core_design.hpp"
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

/// What leaves the tile for each output value, and where it goes. It is counted; the values themselves stay FP32.
struct Output {
  std::int64_t bits = 32;
  bool to_buffer = false;  ///< into the activation buffer where it has room beside the activations, else to DRAM
};

struct Design {
  std::string name;  ///< with what the command line changed: "bitmod-8x8 with rows=16"
  std::string summary;
  const kernels::UnitInfo* unit = nullptr;  ///< a row of the catalogue; it is there in every design that was read
  kernels::Parameters parameters;           ///< every parameter of the unit
  double clock_mhz = 0;
  /// The cell library that area, power and the clock's check are asked of: a name, or a path of the current folder.
  std::string technology;
  Memory memory;
  Output output{};
  std::optional<CoreDesign> core{};  ///< nothing: the tile is fed ideally, beside a roofline
  /// The configuration as read, for results: whole, however it was written. The memories' own tables stand in it by
  /// name and content.
  nlohmann::json resolved;
  std::string hash;  ///< config_hash(resolved)
  /// What the command line changed: keys in full, and the values as read ("0.01" where "1e-2" was written).
  std::vector<Setting> settings{};
};

/// Reads a design: `name` is one of configs/designs (without .yaml), or the path of a YAML file. The file may name
/// another design as its `base` (design_file.hpp), and `settings` take the place of values of both. Throws ConfigError
/// with every problem of the files and settings, InputError for a name that does not exist (with the nearest one), and
/// whatever the readers of the memories' tables throw.
Design read_design(const std::string& name_or_path, const std::vector<Setting>& settings = {});
/// Reads a design from a text; `origin` names it in errors.
Design parse_design(const std::string& text, const std::string& origin, const std::vector<Setting>& settings = {});
/// Returns the same design with parameters replaced (`resolved` and `hash` follow). Throws std::invalid_argument as
/// kernels::resolve does.
Design with_parameters(const Design& design, const kernels::Parameters& changes);

/// The keys of a design; the parameters of each unit follow, as "parameters.NAME".
std::vector<KeyEntry> design_keys();
std::vector<KeyEntry> design_parameter_keys(const kernels::UnitInfo& unit);

}  // namespace subbyte::sim
