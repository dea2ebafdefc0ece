// The catalogue of hardware units, which is what kernels/units.def lists.
#pragma once

#include <span>
#include <string>
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
/// Throws std::invalid_argument that names the nearest unit. `others` are words that the caller takes beside units.
const UnitInfo& unit(std::string_view name, std::span<const std::string> others = {});
/// Returns a unit of which a netlist can be made. Throws std::invalid_argument as unit() does, but names no machine,
/// and says of a machine, and of a unit without RTL, what to take in its place.
const UnitInfo& unit_without_memories(std::string_view name, std::span<const std::string> others = {});

}  // namespace subbyte::kernels
