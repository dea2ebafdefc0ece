// Waveforms of a unit's run, with a GTKWave save file that opens at the first wrong beat.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "kernels/contract/stimulus.hpp"
#include "kernels/contract/unit.hpp"

namespace subbyte::sim {

struct WaveOptions {
  std::string fst_path;           ///< waveform to write
  std::string save_path;          ///< GTKWave save file to write (.gtkw)
  std::uint64_t cycle = 0;        ///< where the save file opens: the cycle of the first wrong beat
  std::uint64_t before = 1000;    ///< cycles of context dumped before it
  std::uint64_t after = 200;      ///< and after it
  std::filesystem::path rtl_dir;  ///< as in RtlOptions
};

/// Runs the RTL again with tracing and writes both files, plus translate filters `<save_path>.<field>.py` that show
/// codes, terms, FP16 and FP32 fields as values. Signals are grouped: clock and handshake, input fields, the unit's
/// own, output fields; the marker stands at `cycle`. Open with `gtkwave SAVE`. Throws as run_rtl; a run that ends in an
/// assertion or a deadlock still leaves its files.
void write_waves(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                 const kernels::Stimulus& stimulus, const WaveOptions& options);

}  // namespace subbyte::sim
