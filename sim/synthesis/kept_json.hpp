// Writes what the steps of synthesis keep as JSON, with members by their names.
#pragma once

#include <nlohmann/json.hpp>

#include "sim/base/json_optional.hpp"
#include "sim/netlist/static_timing.hpp"
#include "sim/synthesis/synthesis_result.hpp"
#include "sim/synthesis/yosys_json.hpp"

namespace subbyte::sim {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(PartPort, name, input, width)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Part, name, module, derived, parameters, children, instances, macro, ports)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(TimingPath, delay_ns, from, to)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(TimingEndpoint, delay_ns, from, to)

}  // namespace subbyte::sim
