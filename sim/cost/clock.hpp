// Whether a design's clock holds, from what was synthesised before.
#pragma once

#include <optional>
#include <vector>

#include "reports/record.hpp"
#include "sim/config/design.hpp"
#include "sim/synthesis/synthesis.hpp"

namespace subbyte::sim {

/// What the cache knows of the design's unit in a cell library: nothing is synthesised. None where a part or a path of
/// it is not kept, or where the tools are not there whose versions the kept results are of.
std::optional<ClockCheck> kept_clock(const Design& design, const CellLibrary& library,
                                     const std::filesystem::path& rtl = {});

/// Throws InputError that names the design, its clock and the path, where the clock is known to be missed.
void require_met(const Design& design, const ClockCheck& check);

/// "clock: 50 MHz is not checked ...", the sentence beside results whose clock nobody checked.
std::string unchecked_text(const Design& design);

/// Adds `mark` ("clock not checked", "clock missed") to the sources of the times, rates and powers among the metrics,
/// which follow from the clock. Does nothing for an empty mark.
void mark_clock(const std::string& mark, std::vector<reports::Metric>& metrics);

}  // namespace subbyte::sim
