// The core is a whole machine for one linear layer: memory ports, double buffers, an array of tiles. Its interface,
// numbers of bits and cycles are in kernels/CORE.md.
#pragma once

#include "kernels/contract/unit.hpp"
#include "kernels/core/core_buffers.hpp"

namespace subbyte::kernels {

/// Throws std::invalid_argument where the configuration starts no layer, or one that does not fit the buffers.
Trace core_golden(const Parameters& parameters, const Stimulus& stimulus, TraceWindow window);
Stimulus core_random(const Parameters& parameters, const RandomRequest& request);
UnitInfo core_info();

}  // namespace subbyte::kernels
