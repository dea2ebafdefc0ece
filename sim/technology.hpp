// Technology: the cell library that a design's area and clock are asked of.
#pragma once

#include <string>

#include "sim/liberty.hpp"

namespace subbyte::sim {

struct Technology {
  std::string name;
  std::string remark;  ///< what its figures are good for; stands beside every figure
  Library library;
};

/// A name of configs/technologies (without .yaml), or the path of a Liberty file. Throws InputError for a name that does
/// not exist (with the nearest one) and for a library that is not installed (with the Debian package to install),
/// ConfigError for a bad file.
Technology read_technology(const std::string& name_or_path);

}  // namespace subbyte::sim
