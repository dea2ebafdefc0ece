// The catalogue of hardware units: what kernels/units.def lists.
#pragma once

#include <string_view>
#include <vector>

#include "kernels/contract/unit.hpp"

namespace subbyte::kernels {

/// Every unit, in units.def order.
const std::vector<UnitInfo>& units();
/// Throws std::invalid_argument naming the nearest unit.
const UnitInfo& unit(std::string_view name);

}  // namespace subbyte::kernels
