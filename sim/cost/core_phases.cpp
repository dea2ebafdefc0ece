#include "sim/cost/core_phases.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "sim/base/progress.hpp"
#include "sim/config/format_file.hpp"
#include "sim/engines/vector_schedule.hpp"
#include "sim/mapping/mapping.hpp"
#include "sim/workload/vector_phases.hpp"

namespace subbyte::sim {
namespace {

/// A product that was scheduled.
struct Scheduled {
  CoreLayerPlan plan;
  CoreSchedule best;
  CoreLayerCost layer;  ///< of one, but for its MACs and actions
};

/// Layers that the design cannot run, and why.
class Refusals {
 public:
  bool empty() const { return reasons_.empty(); }
  void add(const std::string& reason, const std::string& name) {
    auto same = std::ranges::find(reasons_, reason, &Reason::first);
    if (same == reasons_.end()) same = reasons_.insert(same, {reason, {}});
    if (std::ranges::find(same->second, name) == same->second.end()) same->second.push_back(name);
  }
  /// Throws "LAYER, LAYER: REASON", a line for each reason, where there is one.
  void stop(const std::string& title) const {
    if (empty()) return;
    std::vector<std::string> lines;
    for (const auto& [reason, names] : reasons_) lines.push_back(fmt::format("{}: {}", fmt::join(names, ", "), reason));
    throw LayerRefused(fmt::format("{}: {}", title, fmt::join(lines, "\n")));
  }

 private:
  using Reason = std::pair<std::string, std::vector<std::string>>;
  std::vector<Reason> reasons_;
};

/// What decides a schedule: the format by its definition, its group, and the size.
using ProductKey = std::tuple<std::string, std::size_t, ProductSize>;

Scheduled schedule(const Design& design, const quant::Format& format, const ProductSize& size) {
  Scheduled done;
  done.plan = plan_core_layer(design, format, size);
  done.best = schedule_core(design.name, done.plan);
  done.layer = scheduled_cost(done.plan, done.best);
  return done;
}

/// Bytes of a layer's weights in a packed file.
std::uint64_t packed_bytes(const quant::Format& format, const ProductSize& size) {
  std::uint64_t bytes = 0;
  for (const quant::BufferSpec& buffer : quant::buffers(format, size.inputs)) bytes += buffer.bytes(size.outputs);
  return bytes;
}

CoreCost times(CoreCost cost, std::size_t count) {
  cost.products *= count;
  for (std::uint64_t& cycles : cost.counts) cycles *= count;
  cost.traffic *= count;
  cost.bus_cycles *= static_cast<double>(count);
  return cost;
}

/// Products that share a schedule may end at different outputs of its last tile.
CoreActions actions_of(const Scheduled& scheduled, const ProductSize& size) {
  CoreSchedule own = scheduled.best;
  own.shape.outputs = size.outputs;
  return core_actions(scheduled.plan, own);
}

/// Every different product of the work, once.
class Schedules {
 public:
  Schedules(const Design& design, const PhaseWork& work, Refusals& refusals)
      : core_(kernels::CoreParams::of(design.core->parameters)) {
    std::map<ProductKey, const PhaseLayer*> products;
    for_each(work, [&](const PhaseLayer& layer, const ProductKey& key) { products.emplace(key, &layer); });
    Job job("scheduling products", static_cast<double>(products.size()));
    std::map<ProductKey, std::string> refused;
    for (const auto& [key, layer] : products) {
      job.at(layer->name);
      try {
        done_.emplace(key, schedule(design, layer->format, std::get<ProductSize>(key)));
      } catch (const LayerRefused& error) {
        refused.emplace(key, error.what());
      }
      job.advance();
    }
    for_each(work, [&](const PhaseLayer& layer, const ProductKey& key) {
      if (const auto found = refused.find(key); found != refused.end()) refusals.add(found->second, layer.name);
    });
  }
  const Scheduled& of(const PhaseLayer& layer, const ProductSize& size) const { return done_.at(key_of(layer, size)); }

 private:
  template <typename Do>
  void for_each(const PhaseWork& work, Do act) const {
    for (const Phase& phase : work.phases)
      for (const PhaseLayer& layer : phase.layers)
        for (const CountedProduct& product : layer.products) act(layer, key_of(layer, product.size));
  }
  /// Growing products of attention share a key where they have the same words of the bus, chunks and tiles, since
  /// cycles and bytes follow from these. A word of results has bus_bytes / 4 outputs, and a tile has whole ones; a word
  /// of activations has bus_bytes / 2 inputs, and a chunk one per lane.
  ProductKey key_of(const PhaseLayer& layer, ProductSize size) const {
    if (layer.kind == LayerKind::kAttention) {
      const auto up = [](std::size_t number, std::size_t unit) { return (number + unit - 1) / unit * unit; };
      size.outputs = up(size.outputs, core_.bus_bytes / 4);
      if (layer.format.scaling.group == quant::kWholeRow)
        size.inputs =
            std::min(up(size.inputs, core_.bus_bits() / core_.tile.activation_bits), up(size.inputs, core_.tile.lanes));
    }
    return {describe(layer.format), layer.format.scaling.group, size};
  }

  kernels::CoreParams core_;
  std::map<ProductKey, Scheduled> done_;
};

PhaseLayerCost cost_of(const Design& design, const PhaseLayer& layer, std::size_t passes, const Schedules& schedules) {
  PhaseLayerCost all;
  const double lane_cycles = lane_cycles_per_weight(design, layer_without_weights(layer.format, 1, 1));
  all.first = all.last = layer.products.front().size;
  std::uint64_t packed = 0;
  for (const CountedProduct& product : layer.products) {
    const Scheduled& one = schedules.of(layer, product.size);
    all.cost += times(one.layer.cost, product.count);
    all.cost.actions += actions_of(one, product.size) *= product.count;
    all.first = std::min(all.first, product.size);
    all.last = std::max(all.last, product.size);
    const ProductSize& size = product.size;
    all.cost.macs += static_cast<double>(size.tokens) * static_cast<double>(size.outputs) *
                     static_cast<double>(size.inputs) * static_cast<double>(product.count);
    packed += packed_bytes(layer.format, size) * product.count;
  }
  all.packed_bytes = packed / passes;
  all.cost.lane_cycles = lane_cycles * all.cost.macs;
  const CoreLayerCost& largest = schedules.of(layer, all.last).layer;
  all.blocks = largest.blocks;
  all.reads = largest.reads;
  return all;
}

PhaseLayerCost vector_cost_of(const Design& design, const PhaseLayer& layer) {
  PhaseLayerCost all;
  const std::uint64_t bus_bytes = kernels::CoreParams::of(design.core->parameters).bus_bytes;
  for (const CountedOperation& operation : layer.operations) {
    const VectorTime time = vector_time(design.name, *design.core, operation.command, operation.rows);
    all.cost.products += operation.count;
    all.cost.vector += time.unit * operation.count;
    all.cost.vector_waiting += time.waiting * operation.count;
    all.cost.traffic.activations += time.read * operation.count;
    all.cost.traffic.outputs += time.written * operation.count;
    all.cost.bus_cycles += time.bus_cycles * static_cast<double>(operation.count);
    VectorActions actions = vector_actions(design.core->vector->params, operation.command, operation.rows);
    actions.bus_reads = time.read / bus_bytes;
    actions.bus_writes = time.written / bus_bytes;
    all.cost.vector_actions += actions *= operation.count;
  }
  all.reads.weights.reads = 0;
  return all;
}

}  // namespace

CoreCost PhaseCost::total() const {
  CoreCost sum;
  for (const PhaseLayerCost& layer : layers) sum += layer.cost;
  return sum;
}

CoreCost PhaseCost::total(LayerKind kind) const {
  CoreCost sum;
  for (std::size_t i = 0; i < layers.size(); ++i)
    if (phase.layers[i].kind == kind) sum += layers[i].cost;
  return sum;
}

std::vector<PhaseCost> run_phases(const Design& design, const PhaseWork& work) {
  Refusals refusals;
  const Schedules schedules(design, work, refusals);
  const auto cost = [&](const Phase& phase, const PhaseLayer& layer) -> PhaseLayerCost {
    try {
      if (layer.kind == LayerKind::kVector) return vector_cost_of(design, layer);
    } catch (const LayerRefused& error) {
      refusals.add(error.what(), layer.name);
    }
    return refusals.empty() ? cost_of(design, layer, phase.passes, schedules) : PhaseLayerCost{};
  };
  std::vector<PhaseCost> phases;
  for (const Phase& phase : work.phases) {
    phases.push_back({phase, {}});
    for (const PhaseLayer& layer : phase.layers) phases.back().layers.push_back(cost(phase, layer));
  }
  refusals.stop(work.title);
  return phases;
}

PhaseWork work_on(const Design& design, PhaseWork work) {
  if (!design.core->vector) return work;
  return with_vector_operations(std::move(work), activation_format(design) != "fp16");
}

}  // namespace subbyte::sim
