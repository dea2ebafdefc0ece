// Writes waveforms of a unit's run, with a GTKWave save file that opens at the first wrong beat.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "kernels/contract/stimulus.hpp"
#include "kernels/contract/unit.hpp"

namespace subbyte::sim {

struct WaveOptions {
  std::string fst_path;                   ///< the waveform to write
  std::string save_path;                  ///< the GTKWave save file to write (.gtkw)
  std::uint64_t cycle = 0;                ///< where the save file opens: the cycle of the first wrong beat
  std::uint64_t before = 1000;            ///< cycles of context dumped before it
  std::uint64_t after = 200;              ///< cycles of context dumped after it
  std::uint64_t beat = 0;                 ///< the first wrong output beat: the expected beats around it are shown
  std::filesystem::path rtl_dir;          ///< as in RtlOptions
  std::vector<std::string> remarks = {};  ///< short lines shown above the signals
  std::string wrong_field = {};  ///< the output field, and which of its elements, that is drawn in red; or empty
  std::size_t wrong_index = 0;
};

/// Runs the RTL again with tracing and writes both files. The remarks come first, then the groups: clock and handshake
/// with a flag `mismatch`, the fields that came, those that the golden function expects, the input fields, and the
/// unit's registers; the marker stands at `cycle`. Codes, terms, FP16 and FP32 fields are shown as values by filters
/// that stand in the save file itself, so that the two files can be taken to another machine. Open with `gtkwave SAVE`.
/// Throws as run_rtl; a run that ends in an assertion or a deadlock still leaves its files.
void write_waves(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                 const kernels::Stimulus& stimulus, const WaveOptions& options);

}  // namespace subbyte::sim
