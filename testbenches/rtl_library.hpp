// Verilated units as shared libraries: what identifies one, and building it when it is not in the cache.
#pragma once

#include <filesystem>
#include <string>

#include "kernels/unit.hpp"

namespace subbyte::testbenches {

struct LibraryRequest {
  const kernels::UnitInfo& unit;
  kernels::Parameters parameters;  ///< complete
  std::filesystem::path rtl_dir;
  bool waves = false;
  bool mutants = false;
  bool netlist = false;   ///< rtl_dir/<unit>.sv has no parameters and is all there is
  bool coverage = false;  ///< counts lines and toggles
};

/// Path of the library, built if need be. Throws std::runtime_error with the tool's output when the build fails.
std::filesystem::path rtl_library(const LibraryRequest& request);

/// The SystemVerilog top that is verilated, `<unit>_bench`: the unit with registered inputs, and one wire per element
/// of every field of its beats, for waveforms. The registers take next_<port> at the edge before the cycle that they
/// are meant for, so that each clock edge settles the unit once, not once for the edge and once for the inputs.
std::string bench_top(const kernels::UnitInfo& unit, const kernels::Parameters& parameters, bool mutants,
                      bool netlist = false);

}  // namespace subbyte::testbenches
