#include "sim/cost/core_phases.hpp"

#include <algorithm>

#include "sim/engines/vector_schedule.hpp"
#include "sim/mapping/mapping.hpp"
#include "sim/workload/vector_phases.hpp"

namespace subbyte::sim {
namespace {

/// Bytes of a layer's weights in a packed file.
std::uint64_t packed_bytes(const quant::Format& format, const ProductSize& size) {
  std::uint64_t bytes = 0;
  for (const quant::BufferSpec& buffer : quant::buffers(format, size.inputs)) bytes += buffer.bytes(size.outputs);
  return bytes;
}

/// Products that share a schedule may end at different outputs of its last tile.
CoreActions actions_of(const ScheduledProduct& scheduled, const ProductSize& size) {
  CoreSchedule own = scheduled.best;
  own.shape.outputs = size.outputs;
  return core_actions(scheduled.plan, own);
}

PhaseLayerCost cost_of(const Design& design, const PhaseLayer& layer, std::size_t passes,
                       const ProductSchedules& schedules) {
  PhaseLayerCost all;
  const double lane_cycles = lane_cycles_per_weight(design, layer_without_weights(layer.format, 1, 1));
  all.first = all.last = layer.products.front().size;
  std::uint64_t packed = 0;
  for (const CountedProduct& product : layer.products) {
    const ScheduledProduct& one = schedules.of(layer, product.size);
    all.cost += one.layer.cost * product.count;
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
  return run_phases(design, work, ProductSchedules(design, work));
}

std::vector<PhaseCost> run_phases(const Design& design, const PhaseWork& work, const ProductSchedules& schedules) {
  LayerRefusals refusals = schedules.refusals();
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
