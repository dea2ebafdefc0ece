// What `subbyte energy` says: technology-free units first, then the library's, every figure with its source.
#pragma once

#include <optional>
#include <string>

#include "reports/record.hpp"
#include "sim/energy.hpp"
#include "sim/energy_operands.hpp"
#include "sim/scaling.hpp"

namespace subbyte::sim {

struct EnergyReport {
  const EnergyRequest& request;
  const EnergyResult& result;
  const Technology& technology;
  std::string stimulus;          ///< what the beats are
  std::optional<BeatWork> work;  ///< nothing: no figure per piece of work
  std::string wire_source{};     ///< of request.wire_ff_per_um
  std::optional<Scaling> scaling{};  ///< figures of another node besides
};

/// Stated with every figure: ratios within a library, and absolute ones against commercial flows.
inline constexpr const char* kEnergyAccuracy =
    "ratios in one library +-15 % (combinational) to +-30 % (register-heavy); absolute energy within a factor of 2 to 3";

reports::Record energy_record(const EnergyReport& report);

/// The same for a terminal: figures in two groups, and in a few lines under which conditions they hold.
std::string energy_text(const reports::Record& record);

/// "none", or what a sink's wire adds and where that comes from.
std::string wire_text(const EnergyResult& result, double wire_ff_per_um, const std::string& source);
/// "not simulated: zero delay", or the factor and what it was counted over.
std::string glitch_text(const EnergyResult& result);

}  // namespace subbyte::sim
