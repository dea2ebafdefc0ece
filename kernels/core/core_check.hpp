// What the registers of a layer must say, alone, together, and for the buffers of a core (kernels/CORE.md).
#pragma once

#include <vector>

#include "kernels/core/core_layer.hpp"

namespace subbyte::kernels {

/// Throws std::invalid_argument that says what of a layer does not fit the buffers, and what would.
void check_core_layer(const CoreParams& params, const CoreLayer& layer);
/// Throws std::invalid_argument unless the layer is started once, by the last write.
void check_core_start(const std::vector<ConfigWrite>& writes);

}  // namespace subbyte::kernels
