// The RTL engine runs Verilated units, which are built on demand and cached by content.
#pragma once

#include <filesystem>

#include "kernels/contract/unit.hpp"
#include "testbenches/harness/verilated.hpp"

namespace subbyte::sim {

struct RtlOptions {
  /// A folder laid out like rtl/; when empty, rtl/ of the source tree. With `bench.mutant` or `netlist` it holds
  /// <unit>.sv, which is a netlist without parameters and all there is.
  std::filesystem::path rtl_dir{};
  /// True when the unit is a netlist: the stream's assertions then stand around it, and those of its insides do not.
  /// With `bench.mutant` neither do, and only the comparison judges.
  bool netlist = false;
  testbenches::BenchOptions bench{};
};

/// Runs `stimulus` through the RTL of `unit` at `parameters` (completed by kernels::resolve). The first run of a
/// parameter point builds a shared library (sim/engines/rtl_library.hpp). Throws InputError: the build failed (with
/// the tool's errors), or the unit has no RTL; kernels::RunFailure: an assertion failed, or a deadlock.
kernels::Trace run_rtl(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                       const kernels::Stimulus& stimulus, kernels::TraceWindow window = {},
                       const RtlOptions& options = {});

/// Builds the library that such a run needs, if it is not there, and returns its path. Throws as run_rtl().
std::filesystem::path build_rtl(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                                const RtlOptions& options = {});

}  // namespace subbyte::sim
