// The catalogue of hardware units, which is what kernels/units.def lists.
#pragma once

#include <string_view>
#include <vector>

#include "kernels/contract/unit.hpp"

namespace subbyte::kernels {

/// Returns every unit, in the order of units.def.
const std::vector<UnitInfo>& units();
/// Returns nullptr for a name that is no unit's.
const UnitInfo* find_unit(std::string_view name);
/// Throws std::invalid_argument that names the nearest unit.
const UnitInfo& unit(std::string_view name);

}  // namespace subbyte::kernels
