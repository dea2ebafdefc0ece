// Writes waveforms of a run of the `rtl` engine, through sim/engines/fst.hpp.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "kernels/contract/unit.hpp"
#include "sim/engines/compare.hpp"
#include "sim/engines/engine.hpp"

namespace subbyte::sim {

struct WaveFiles {
  std::string fst;
  std::string save;  ///< GTKWave save file
  std::string note;  ///< why the run ended early or there is no waveform; otherwise empty

  std::uint64_t cycle = 0;   ///< where the marker stands
  bool at_mismatch = false;  ///< true at the first wrong beat; false at the first cycle of the run
  std::string what{};        ///< what it is a waveform of, for text(); empty where the caller says it
  std::string again{};       ///< the command that makes the same run
  std::optional<Mismatch> mismatch{};

  /// Returns how to open them and what is then seen.
  std::string text() const;
  nlohmann::ordered_json json() const;
};

/// Runs the RTL again and writes `base`.fst and `base`.gtkw, which opens at the mismatch or, without one, at the first
/// cycles of the run. Creates the directory.
WaveFiles write_engine_waves(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                             const kernels::Stimulus& stimulus, const EngineOptions& options,
                             const std::filesystem::path& base, const std::optional<Mismatch>& mismatch);

/// Keeps letters, digits, dot and minus. Format ids hold colons and equals signs, which file names had better not.
std::string file_stem(std::string name);

}  // namespace subbyte::sim
