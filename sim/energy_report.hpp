// What `subbyte energy` says: technology-free units first, then the library's, every figure with its source.
#pragma once

#include <string>

#include "reports/record.hpp"
#include "sim/energy.hpp"

namespace subbyte::sim {

struct EnergyReport {
  const EnergyRequest& request;
  const EnergyResult& result;
  const Technology& technology;
  std::string stimulus;      ///< what the beats are
  double macs_per_beat = 0;  ///< 0: the unit makes none
};

/// Stated with every figure: ratios within a library, and absolute ones against commercial flows.
inline constexpr const char* kEnergyAccuracy =
    "ratios in one library +-15 % (combinational) to +-30 % (register-heavy); absolute energy within a factor of 2 to 3";

reports::Record energy_record(const EnergyReport& report);

}  // namespace subbyte::sim
