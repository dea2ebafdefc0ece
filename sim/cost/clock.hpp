// Tells whether a design's clock holds, from what was synthesised before.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reports/record.hpp"
#include "sim/config/design.hpp"
#include "sim/synthesis/flow.hpp"
#include "sim/synthesis/synthesis.hpp"

namespace subbyte::sim {

/// What stands beside the times of a core, whose clock no simulation checks.
inline constexpr const char* kCoreClock = "clock not checked: `subbyte synth --design` maps the core and checks it";

/// Returns what the cache knows of the design's unit in a cell library; nothing is synthesised. The result is empty
/// where a part or a path of the unit is not kept, or where the tools are missing whose versions the kept results name.
std::optional<ClockCheck> kept_clock(const Design& design, const CellLibrary& library,
                                     const std::filesystem::path& rtl = {});

/// What synthesis of a design's unit says: area, gate equivalents and critical path, and whether the clock is met.
struct Silicon {
  std::vector<reports::Metric> metrics;
  ClockCheck clock;
};
/// Maps the unit, or finds it in the cache. Throws as synthesize() does.
Silicon silicon_of(const Design& design, const OpenTechnology& opened);

/// Throws InputError, which names the design, its clock and the path, where the clock is known to be missed.
void require_met(const Design& design, const ClockCheck& check);

/// What stands beside times whose clock nobody checked.
inline constexpr const char* kClockNotChecked = "clock not checked";

/// Returns "clock: 50 MHz is not checked ...", the sentence beside results whose clock nobody checked.
std::string unchecked_text(const Design& design);

/// What is said of a design's clock.
struct ClockSays {
  std::string text;
  std::string mark = {};  ///< beside every time and rate; empty where the clock is met
  std::optional<bool> met = {};
};
/// Says what was found, if anybody looked. Throws as require_met() unless a clock that is missed is `allowed`.
ClockSays clock_says(const Design& design, const std::optional<ClockCheck>& check, bool allowed);

/// Writes what is said of the clock into an object: "clock" in words, and "clock_met" (null where nobody checked it).
template <typename Json>
void note_clock(const std::string& clock, const std::optional<bool>& met, Json& object) {
  object["clock"] = clock;
  object["clock_met"] = met ? Json(*met) : Json();
}

/// Adds `mark` ("clock not checked", "clock missed") to the sources of those metrics that follow from the clock: the
/// times, rates and powers. An empty mark changes nothing.
void mark_clock(const std::string& mark, std::vector<reports::Metric>& metrics);

}  // namespace subbyte::sim
