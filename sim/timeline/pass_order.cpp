#include "sim/timeline/pass_order.hpp"

#include <algorithm>

#include "sim/engines/vector_schedule.hpp"

namespace subbyte::sim {
namespace {

/// What a layer has in a pass, of a list with one entry for each pass or for all of them.
template <typename Counted>
std::pair<const Counted*, std::size_t> in_pass(const std::vector<Counted>& all, std::size_t pass, std::size_t passes) {
  if (all.size() > 1) return {&all.at(pass), all.at(pass).count};
  return {&all.front(), all.front().count / passes};
}

std::size_t count_in_pass(const PhaseLayer& layer, std::size_t passes) {
  return layer.kind == LayerKind::kVector ? in_pass(layer.operations, 0, passes).second
                                          : in_pass(layer.products, 0, passes).second;
}

bool in_blocks(const PhaseLayer& layer) {
  return layer.kind == LayerKind::kAttention || layer.name.find('*') != std::string::npos;
}

}  // namespace

PassOrder pass_order(const Phase& phase, std::size_t blocks) {
  PassOrder order;
  order.blocks = blocks;
  for (std::size_t i = 0; i < phase.layers.size(); ++i) {
    const std::size_t count = count_in_pass(phase.layers[i], phase.passes);
    if (!in_blocks(phase.layers[i])) {
      (order.block.empty() ? order.before : order.after).push_back({i, count});
      continue;
    }
    order.known = order.known && blocks > 0 && count % blocks == 0;
    order.block.push_back({i, order.known ? count / blocks : count});
  }
  if (order.known) return order;
  order = {};
  order.known = false;
  for (std::size_t i = 0; i < phase.layers.size(); ++i)
    order.before.push_back({i, count_in_pass(phase.layers[i], phase.passes)});
  return order;
}

PassCost pass_cost(const Design& design, const Phase& phase, std::size_t layer, std::size_t pass,
                   const ProductSchedules& schedules) {
  const PhaseLayer& of = phase.layers.at(layer);
  PassCost done;
  if (of.kind == LayerKind::kVector) {
    const auto [operation, count] = in_pass(of.operations, pass, phase.passes);
    const VectorTime time = vector_time(design.name, *design.core, operation->command, operation->rows);
    done.count = count;
    done.cost.products = 1;
    done.cost.vector = time.unit;
    done.cost.vector_waiting = time.waiting;
    return done;
  }
  const auto [product, count] = in_pass(of.products, pass, phase.passes);
  done.count = count;
  done.size = product->size;
  done.product = &schedules.of(of, product->size);
  done.cost = done.product->layer.cost;
  return done;
}

}  // namespace subbyte::sim
