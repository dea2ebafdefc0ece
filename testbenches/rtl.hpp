// The RTL engine: Verilated units, built on demand and cached by content.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "kernels/stimulus.hpp"
#include "kernels/trace.hpp"
#include "kernels/unit.hpp"

namespace subbyte::testbenches {

struct RtlOptions {
  kernels::TraceWindow window;
  /// nonempty: writes the waveform of cycles [fst_first, fst_last) there (a separate, slower build)
  std::string fst_path;
  std::uint64_t fst_first = 0;
  std::uint64_t fst_last = UINT64_MAX;
  /// Nonempty: Verilator's counters of lines and toggles are written there at the end (a separate, slower build).
  std::string coverage_path{};
  /// At least 0: <rtl_dir>/<unit>.sv is a netlist without parameters that has a further input port mutant_i, driven
  /// with this number; assertions are not bound, so that only the comparison judges.
  int mutant = -1;
  /// <rtl_dir>/<unit>.sv is a netlist without parameters, with the models of its cells; the stream's assertions are
  /// bound, those of the unit's insides are not. Not together with `mutant`.
  bool netlist = false;
  std::uint64_t max_beats =
      UINT64_MAX;       ///< one more output beat ends the run as an error: a broken unit may never stop
  std::string rtl_dir;  ///< empty: rtl/ of the source tree; else a folder laid out like it
};

/// Runs `stimulus` through the RTL of `unit` at `parameters` (completed by kernels::resolve). The first run of a
/// parameter point builds a shared library with rtl/verilate.sh into ${SUBBYTE_CACHE:-<binary dir>/rtl-cache}, named by
/// a hash of all sources, parameters, flags and tool versions; concurrent builds of one point wait for the first.
/// Throws std::runtime_error: the build failed (with the tool's output), an assertion failed, or a deadlock.
kernels::Trace run_rtl(std::string_view unit, const kernels::Parameters& parameters, const kernels::Stimulus& stimulus,
                       const RtlOptions& options = {});
/// The same, with the window as an argument of its own (options.window is ignored), as the other engines take it.
kernels::Trace run_rtl(std::string_view unit, const kernels::Parameters& parameters, const kernels::Stimulus& stimulus,
                       kernels::TraceWindow window, const RtlOptions& options = {});

/// Time in a waveform just before the rising edge of `cycle`, where the values that the edge samples stand.
std::uint64_t wave_time(std::uint64_t cycle);

}  // namespace subbyte::testbenches
