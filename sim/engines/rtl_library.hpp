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

/// The library, built by testbenches/harness/verilate.sh if need be. It lies in the cache under a hash of all sources,
/// parameters, flags and tool versions, with the hash of its own bytes beside it: a library that is not as it was built
/// is built again. Concurrent builds of one point wait for the first. Throws InputError with the tool's errors when the
/// build fails, and when the tools or the cache's folder are not there.
std::filesystem::path rtl_library(const VerilatedUnit& unit);

}  // namespace subbyte::sim
