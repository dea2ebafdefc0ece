// Runs a stimulus through a Verilated unit in its shared library.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "kernels/contract/stimulus.hpp"
#include "kernels/contract/trace.hpp"
#include "kernels/contract/unit.hpp"

namespace subbyte::testbenches {

struct BenchOptions {
  /// When it is not empty, a library that was built for it writes the waveform of cycles [fst_first, fst_last) there.
  std::string fst_path{};
  std::uint64_t fst_first = 0;
  std::uint64_t fst_last = UINT64_MAX;
  /// With a waveform, the output beats that are expected: its window is shown beside what comes. May be null.
  const kernels::Trace* expected = nullptr;
  /// When it is not empty, a library that was built for it writes Verilator's counters of lines and toggles there.
  std::string coverage_path{};
  /// When it is at least 0, it is driven on the port mutant_i that a netlist of mutants has.
  int mutant = -1;
  /// One more output beat ends the run as an error, because a broken unit may never stop.
  std::uint64_t max_beats = UINT64_MAX;
};

/// Runs `stimulus` through the unit in `library` (built by testbenches/harness/verilate.sh at complete `parameters`).
/// Throws kernels::RunFailure: an assertion failed, a deadlock, or more beats than options.max_beats;
/// std::runtime_error: the library cannot be loaded or its files cannot be written; std::invalid_argument for a
/// stimulus whose beats have another width than the unit's.
kernels::Trace run_verilated(const std::filesystem::path& library, const kernels::UnitInfo& unit,
                             const kernels::Parameters& parameters, const kernels::Stimulus& stimulus,
                             kernels::TraceWindow window, const BenchOptions& options);

/// Returns the time in a waveform just before the rising edge of `cycle`, where the values stand that the edge samples.
std::uint64_t wave_time(std::uint64_t cycle);

}  // namespace subbyte::testbenches
