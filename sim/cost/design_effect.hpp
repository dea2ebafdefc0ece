// Which keys of a design matter to what is computed of it, so that a setting which cannot matter is refused.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "sim/config/design.hpp"
#include "sim/workload/model_phases.hpp"

namespace subbyte::sim {

/// What can be computed of a design.
enum class Computed {
  kValues,   ///< the numbers that the unit gives
  kCycles,   ///< of the unit, and their time
  kMemory,   ///< what the off-chip memory and the buffers cost in time and traffic
  kVector,   ///< what stands between the matrix layers of a model
  kSilicon,  ///< area, clock and power of the unit's netlist
  kJoules,   ///< the energy of buffers and DRAM
};

/// What one call computes.
struct DesignUse {
  /// All that is computed, each with ""; and what is not but could be, with what would make it so: "--energy beside
  /// it".
  std::map<Computed, std::string> computed;
  /// Why the design cannot run what it is asked for; "" where it can. A key matters too where it decides that. Nothing:
  /// that is not known yet, and such keys count as read.
  std::function<std::string(const Design&)> refusal = {};
  std::string else_expected = "a key that what is computed follows from";
};

/// What a run of layers or shapes computes: time always, values where an engine gives them, and with `energy` joules. A
/// tile's circuit counts at all times, because the clock that it meets is said; a core's with energy alone.
/// Shapes have no values; they are read as long as the result lives.
DesignUse use_of_run(const Design& design, bool values, bool energy, const std::optional<PhaseWork>& shapes);

/// Returns what is wrong with a setting of the design (one of Design::settings) that nothing reads which the call
/// computes: "has no effect, expected ...". Nothing where it is read. `others` are the design with other values of it,
/// or without it, for DesignUse::refusal; empty where there is none.
std::optional<std::string> why_without_effect(const Design& design, const std::string& key, const DesignUse& use,
                                              std::span<const Design> others);

/// Looks at all settings of a design that was read as `name_or_path`. Throws InputError with the place of the first one
/// that has no effect and that the design can be without.
void refuse_without_effect(const Design& design, const std::string& name_or_path, const DesignUse& use);

/// Returns why a design with a core cannot run the products, or "".
std::string phases_refusal(const Design& design, const PhaseWork& work);

}  // namespace subbyte::sim
