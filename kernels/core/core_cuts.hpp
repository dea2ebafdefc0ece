// Long groups in parts, so that the core's loop nest has blocks of inputs to choose from (kernels/CORE.md).
#pragma once

#include <vector>

#include "kernels/core/core_plan.hpp"

namespace subbyte::kernels {

/// Returns the shape, and where that gives the loop nest more choices the shape with its groups cut into equal parts,
/// at multiples of the lanes: groups of more than 256 inputs into parts of about 128, and shorter ones into the fewest
/// parts of which the buffers hold one for a tile, where they do not hold a group.
std::vector<CoreShape> core_cuts(const CoreParams& params, const CoreShape& shape);

}  // namespace subbyte::kernels
