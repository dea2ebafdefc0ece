// The catalogue of hardware units, which is what kernels/units.def lists.
#pragma once

#include <string_view>
#include <vector>

#include "kernels/contract/unit.hpp"

namespace subbyte::kernels {

/// Returns every unit, in the order of units.def.
const std::vector<UnitInfo>& units();
/// Returns the machines of machines.def: units that are composed of tiles and memories. They are verified as every unit
/// is; their memories are macros, so that no netlist is made of them. Behind them come the units of without_rtl.def,
/// whose RTL is not written yet (UnitInfo::rtl).
const std::vector<UnitInfo>& machines();
/// Returns nullptr for a name that is no unit's and no machine's.
const UnitInfo* find_unit(std::string_view name);
/// Throws std::invalid_argument that names the nearest unit.
const UnitInfo& unit(std::string_view name);

}  // namespace subbyte::kernels
