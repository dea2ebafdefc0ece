// Technologies: the names of cell libraries that designs use (configs/technologies/NAME.yaml).
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "sim/liberty.hpp"

namespace subbyte::sim {

struct Technology {
  std::string name;
  std::string summary;
  double node_nm = 0;
  std::filesystem::path liberty;  ///< absolute; a relative path in the file starts at the root of the sources
  std::string source;
};

/// By name, in configs/technologies of the sources. Throws InputError for an unknown name, with the nearest one, and
/// ConfigError for a file with problems.
Technology read_technology(std::string_view name);

/// The library of a technology. Throws InputError naming technology and file when the file is absent.
Library read_library(const Technology& technology);

}  // namespace subbyte::sim
