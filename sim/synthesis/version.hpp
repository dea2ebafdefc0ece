// The version of all that the flow keeps: elaborations, mapped parts, paths, proofs and prepared libraries.
#pragma once

namespace subbyte::sim {

/// Returns a hash of all sources of sim/cells, sim/netlist and sim/synthesis (subbyte_version in CMakeLists.txt).
const char* synthesis_engine();

}  // namespace subbyte::sim
