// The parts of a sweep file that plan.cpp reads one after the other. Each records its problems.
#pragma once

#include "sim/config/config.hpp"
#include "sim/sweep/plan.hpp"

namespace subbyte::sim {

/// Begins the place of a setting that a variant makes, which ends with its key.
inline constexpr std::string_view kVary = "vary ";
/// What the variants of designs with a core change.
struct VariedDesign {
  std::optional<Design> base;        ///< nothing: no such variants
  std::vector<ConfigNode> variants;  ///< in the plan's order
};
/// Reads `designs`, each as it stands, or one `design` with what to `vary`.
VariedDesign read_designs(ConfigNode& root, SweepPlan& plan);
/// To be called when all else was read: a key of a variant that no point's figures follow from is a problem.
void check_variants(ConfigNode& root, VariedDesign& varied, const SweepPlan& plan);
/// Throws InputError for a setting of the command line that no point's figures follow from.
void check_settings(const SweepPlan& plan);
void read_objectives(ConfigNode& root, SweepPlan& plan);
/// To be called after read_objectives().
void read_tolerance(ConfigNode& root, SweepPlan& plan);
/// The golden engine is always among them, because accuracy is measured on its values.
void read_engines(ConfigNode& root, SweepPlan& plan);
/// To be called after read_objectives().
void read_energy(ConfigNode& root, SweepPlan& plan);

}  // namespace subbyte::sim
