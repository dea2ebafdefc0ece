// Layers on the core that several tests know.
#pragma once

#include "kernels/core/core_plan.hpp"

namespace subbyte {

/// A layer of 24 x 40 weights in groups of 20 for 5 tokens, at the point of four small tiles.
inline kernels::CoreShape small_shape() {
  kernels::CoreShape shape;
  shape.tokens = 5;
  shape.outputs = 24;
  shape.inputs = 40;
  shape.group = 20;
  return shape;
}

}  // namespace subbyte
