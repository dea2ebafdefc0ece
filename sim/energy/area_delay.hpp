// Finds area, delay and energy over the frequency that a unit is asked for.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kernels/contract/stimulus.hpp"
#include "reports/record.hpp"
#include "sim/synthesis/synthesis.hpp"

namespace subbyte::sim {

/// One netlist, made by an ABC script at a target.
struct CurveNetlist {
  std::string script;
  double mapped_mhz = 0;  ///< the target that ABC was given
  SynthesisResult result;
  double path_ns = 0;  ///< the worst of the parts and, in a unit of several parts, across them
};

/// Returns the smallest known netlist that meets a target, or the fastest where none does.
struct CurvePoint {
  double target_mhz = 0;
  bool met = false;
  CurveNetlist netlist;
  std::optional<double> pj_per_cycle;  ///< dynamic, where a stimulus was given
};

struct CurveRequest {
  const kernels::UnitInfo* unit = nullptr;
  kernels::Parameters parameters;
  std::vector<double> targets_mhz;   ///< when empty, from what any netlist meets to beyond what the fastest reaches
  std::vector<std::string> scripts;  ///< names of abc_scripts(); when empty, all of them
  std::optional<kernels::Stimulus> stimulus;
  bool zero_delay = false;  ///< whether glitches are left out of energies
  SynthesisOptions options;
};

/// Maps the unit at every target with every script; each of those netlists may serve every target. Throws as
/// synthesize() does, and std::invalid_argument for a target that is not above 0.
std::vector<CurvePoint> area_delay_curve(const CurveRequest& request, const CellLibrary& library);

/// Writes the table and a plot of area over delay. `stimulus` says what the energy's operands are.
reports::Record curve_record(const CurveRequest& request, std::span<const CurvePoint> points,
                             const CellLibrary& library, const std::string& stimulus);

}  // namespace subbyte::sim
