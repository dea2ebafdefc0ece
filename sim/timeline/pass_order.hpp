// In which order the layers of a phase run in a pass through the model: block after block.
#pragma once

#include <cstddef>
#include <vector>

#include "sim/cost/core_cost.hpp"
#include "sim/cost/product_schedules.hpp"
#include "sim/workload/model_phases.hpp"

namespace subbyte::sim {

/// A layer of a phase, by its place there, and how often it runs in a block or, outside of blocks, in a pass.
struct PassLayer {
  std::size_t layer = 0, count = 1;
};

struct PassOrder {
  std::vector<PassLayer> before, block, after;
  std::size_t blocks = 0;  ///< each of which has all layers of `block`
  bool known = true;       ///< false where blocks have different formats: then all layers stand in `before`
};

/// `blocks` is the model's number of them, or 0.
PassOrder pass_order(const Phase& phase, std::size_t blocks);

/// What one product or operation of a layer takes in a pass of its phase, and the product's schedule.
struct PassCost {
  CoreCost cost;
  std::size_t count = 0;                      ///< of these in the pass
  const ScheduledProduct* product = nullptr;  ///< nothing: it is the vector unit's
  ProductSize size;                           ///< of a product
};
PassCost pass_cost(const Design& design, const Phase& phase, std::size_t layer, std::size_t pass,
                   const ProductSchedules& schedules);

}  // namespace subbyte::sim
