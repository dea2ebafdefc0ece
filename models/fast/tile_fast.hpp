// The `fast` engine gives cycles without data, by recurrences over the beats of a stimulus with its stalls. They are
// equal to the cycles of the SystemC models and the RTL, by kernels/TIMING.md. It needs no SystemC.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "kernels/contract/stimulus.hpp"
#include "kernels/contract/unit.hpp"
#include "models/fast/bitserial_tile_fast.hpp"

namespace subbyte::models {

/// Returns the units that have a recurrence, which are the tiles.
std::vector<std::string_view> fast_units();

/// Returns the cycle of every output beat. Beats behind the last one that ends a tile give none. Throws
/// std::invalid_argument for a unit without a recurrence.
std::vector<std::uint64_t> fast_output_cycles(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                                              const kernels::Stimulus& stimulus);

/// Returns the cycles of a layer on a tile without stalls, in closed form: Trace::cycles() of a run. `terms` of the
/// work are planes in plane_tile; scale_bits mean nothing to the multipliers (fp16_mac_tile, dequant_mac_tile). Throws
/// std::invalid_argument as tile_cycles() does, and for a unit without a recurrence.
std::uint64_t fast_cycles(const kernels::UnitInfo& unit, const TileWork& work);

}  // namespace subbyte::models
