// A technology is the cell library that a design's area, clock and energy are asked of, with what is known of its
// process.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/cells/cell_library.hpp"
#include "sim/config/config_keys.hpp"

namespace subbyte::sim {

struct Technology {
  std::string name;
  std::string remark;  ///< what its figures are good for; it stands beside every figure
  CellLibrary library;
  std::optional<double> node_nm{};         ///< nothing for a library that was given as a file
  std::optional<double> wire_ff_per_um{};  ///< capacitance of a routed wire
  std::string wire_source{};               ///< where that figure comes from
};

/// Reads a technology: `name` is one of configs/technologies (without .yaml), or the path of a Liberty file. The
/// Liberty files that a technology names without a folder are looked for in the folders of the environment variable
/// SUBBYTE_LIBERTY_PATH (separated by ':'). Throws InputError for a name that does not exist (with the nearest one) and
/// for a library that is not there (with where it comes from), and ConfigError for a bad file.
/// `option` is where the name was given, which stands in the error.
Technology read_technology(const std::string& name_or_path, const std::string& option = "--technology");

/// The keys of a file in configs/technologies.
std::vector<KeyEntry> technology_keys();

}  // namespace subbyte::sim
