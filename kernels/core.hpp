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

/// Throws std::invalid_argument that says what of a layer does not fit the buffers, and what would.
void check_core_layer(const CoreParams& params, const CoreLayer& layer);
/// Throws std::invalid_argument unless the layer is started once, by the last write.
void check_core_start(const std::vector<ConfigWrite>& writes);

}  // namespace subbyte::kernels
