// The version that results kept by content are keyed with beside their inputs.
#pragma once

namespace subbyte::sim {

/// A hash of all sources of sim/cells and sim/netlist (subbyte_version in CMakeLists.txt).
const char* netlist_engine();

}  // namespace subbyte::sim
