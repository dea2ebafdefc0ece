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
  std::filesystem::path rtl_dir;          ///< as in RtlOptions
  std::vector<std::string> remarks = {};  ///< short lines shown above the signals
  std::string wrong_field = {};  ///< the output field, and which of its elements, that is drawn in red; or empty
  std::size_t wrong_index = 0;
};

/// Runs the RTL again with tracing and writes both files, plus translate filters `<save_path>.<field>.py` that show
/// codes, terms, FP16 and FP32 fields as values. The remarks come first, then the groups: clock and handshake, output
/// fields, input fields and the unit's own registers; the marker stands at `cycle`. Open with `gtkwave SAVE`. Throws as
/// run_rtl; a run that ends in an assertion or a deadlock still leaves its files.
void write_waves(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                 const kernels::Stimulus& stimulus, const WaveOptions& options);

}  // namespace subbyte::sim
