// The parts of a sweep file that plan.cpp reads one after the other. Each records its problems.
#pragma once

#include "sim/config/config.hpp"
#include "sim/sweep/plan.hpp"

namespace subbyte::sim {

/// Reads `designs`, each as it stands, or one `design` with what to `vary`.
void read_designs(ConfigNode& root, SweepPlan& plan);
void read_objectives(ConfigNode& root, SweepPlan& plan);
/// To be called after read_objectives().
void read_tolerance(ConfigNode& root, SweepPlan& plan);
/// The golden engine is always among them, because accuracy is measured on its values.
void read_engines(ConfigNode& root, SweepPlan& plan);
/// To be called after read_objectives().
void read_energy(ConfigNode& root, SweepPlan& plan);

}  // namespace subbyte::sim
