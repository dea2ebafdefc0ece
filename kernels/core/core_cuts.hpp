// Long groups in parts, so that the core's loop nest has blocks of inputs to choose from (kernels/CORE.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/core/core_plan.hpp"

namespace subbyte::kernels {

/// Returns the shape, and behind it the shape with its groups cut into equal parts at multiples of the lanes: groups of
/// more than 256 inputs into parts of about 128, and where the buffers hold no such part, or no whole shorter group, in
/// halves, quarters and so on. Cutting costs metadata and gives other bits, so that groups that fit are left whole.
/// Groups of more than `longest` inputs, whose sums the tile does not hold, are cut on and are not among the shapes,
/// which may then be none.
std::vector<CoreShape> core_cuts(const CoreParams& params, const CoreShape& shape, std::size_t longest = SIZE_MAX);

}  // namespace subbyte::kernels
