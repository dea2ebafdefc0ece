// Builds Verilated units as shared libraries. It says what identifies one, and builds it when it is not in the cache.
#pragma once

#include <filesystem>

#include "testbenches/harness/bench_top.hpp"

namespace subbyte::sim {

struct VerilatedUnit {
  testbenches::BenchTop top;
  std::filesystem::path rtl;  ///< a folder laid out like rtl/, or that of a netlist
  bool waves = false;
  bool coverage = false;  ///< whether it counts lines and toggles
};

/// Returns the library, which testbenches/harness/verilate.sh builds if need be. It lies in the cache under a hash of
/// all sources, parameters, flags and tool versions; concurrent builds of one point wait for the first. Throws
/// std::runtime_error with the tool's output when the build fails.
std::filesystem::path rtl_library(const VerilatedUnit& unit);

}  // namespace subbyte::sim
