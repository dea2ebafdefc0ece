#include "sim/cost/core_phases.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "sim/base/input_error.hpp"
#include "sim/base/progress.hpp"
#include "sim/config/format_file.hpp"

namespace subbyte::sim {
namespace {

/// A product that was scheduled.
struct Scheduled {
  CoreCost cost;  ///< of one
  std::string blocks;
  CoreReads reads;
};

/// What decides a schedule: the format by its definition, and the size.
using ProductKey = std::pair<std::string, ProductSize>;

ProductKey key_of(const PhaseLayer& layer, const ProductSize& size) { return {describe(layer.format), size}; }

Scheduled schedule(const Design& design, const quant::Format& format, const ProductSize& size) {
  const CoreLayerPlan plan = plan_core_layer(design, format, size);
  const CoreSchedule best = schedule_core(design.name, plan);
  Scheduled done;
  done.cost.products = 1;
  done.cost.counts = best.counts;
  done.cost.traffic = best.traffic;
  done.cost.bus_cycles = static_cast<double>(best.traffic.total()) / plan.core.bus_bytes *
                         static_cast<double>(plan.channel.word_ticks) / static_cast<double>(plan.channel.cycle_ticks);
  done.cost.macs =
      static_cast<double>(size.tokens) * static_cast<double>(size.outputs) * static_cast<double>(size.inputs);
  done.cost.lane_cycles =
      done.cost.macs * lane_cycles_per_weight(design, layer_without_weights(format, size.outputs, size.inputs));
  done.blocks = blocks_text(best.layer);
  done.reads = core_reads_of(plan, best);
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
  for (std::uint64_t* bytes : {&cost.traffic.weights, &cost.traffic.activations, &cost.traffic.outputs})
    *bytes *= count;
  for (double* number : {&cost.bus_cycles, &cost.macs, &cost.lane_cycles}) *number *= static_cast<double>(count);
  return cost;
}

/// Every different product of the work, once.
class Schedules {
 public:
  Schedules(const Design& design, const PhaseWork& work) {
    std::map<ProductKey, const PhaseLayer*> products;
    for (const Phase& phase : work.phases)
      for (const PhaseLayer& layer : phase.layers)
        for (const CountedProduct& product : layer.products) products.emplace(key_of(layer, product.size), &layer);
    Job job("scheduling products", static_cast<double>(products.size()));
    std::map<ProductKey, std::string> refused;
    for (const auto& [key, layer] : products) {
      job.at(layer->name);
      try {
        done_.emplace(key, schedule(design, layer->format, key.second));
      } catch (const LayerRefused& error) {
        refused.emplace(key, error.what());
      }
      job.advance();
    }
    if (!refused.empty()) throw InputError("", work.title, refusal_text(work, refused));
  }
  const Scheduled& of(const PhaseLayer& layer, const ProductSize& size) const { return done_.at(key_of(layer, size)); }

 private:
  /// "LAYER, LAYER: REASON", a line for each reason.
  static std::string refusal_text(const PhaseWork& work, const std::map<ProductKey, std::string>& refused) {
    std::vector<std::pair<std::string, std::vector<std::string>>> reasons;
    for (const Phase& phase : work.phases)
      for (const PhaseLayer& layer : phase.layers)
        for (const CountedProduct& product : layer.products) {
          const auto found = refused.find(key_of(layer, product.size));
          if (found == refused.end()) continue;
          auto same = std::ranges::find(reasons, found->second, &decltype(reasons)::value_type::first);
          if (same == reasons.end()) same = reasons.insert(same, {found->second, {}});
          if (std::ranges::find(same->second, layer.name) == same->second.end()) same->second.push_back(layer.name);
        }
    std::vector<std::string> lines;
    for (const auto& [reason, names] : reasons) lines.push_back(fmt::format("{}: {}", fmt::join(names, ", "), reason));
    return fmt::format("{}", fmt::join(lines, "\n"));
  }

  std::map<ProductKey, Scheduled> done_;
};

PhaseLayerCost cost_of(const PhaseLayer& layer, std::size_t passes, const Schedules& schedules) {
  PhaseLayerCost all;
  all.first = all.last = layer.products.front().size;
  for (const CountedProduct& product : layer.products) {
    const Scheduled& one = schedules.of(layer, product.size);
    all.cost += times(one.cost, product.count);
    all.first = std::min(all.first, product.size);
    all.last = std::max(all.last, product.size);
    const ProductSize& size = product.size;
    all.packed_bytes += packed_bytes(layer.format, size) * product.count / passes;
  }
  const Scheduled& largest = schedules.of(layer, all.last);
  all.blocks = largest.blocks;
  all.reads = largest.reads;
  return all;
}

}  // namespace

CoreCost& CoreCost::operator+=(const CoreCost& other) {
  products += other.products;
  for (unsigned cause = 0; cause < kernels::kCoreCauseCount; ++cause) counts[cause] += other.counts[cause];
  traffic.weights += other.traffic.weights;
  traffic.activations += other.traffic.activations;
  traffic.outputs += other.traffic.outputs;
  bus_cycles += other.bus_cycles;
  macs += other.macs;
  lane_cycles += other.lane_cycles;
  return *this;
}

std::uint64_t CoreCost::computing() const {
  return counts[kernels::kFill] + counts[kernels::kWork] + counts[kernels::kGap] + counts[kernels::kDrain];
}

const char* CoreCost::bound() const { return bus_cycles > static_cast<double>(computing()) ? "memory" : "compute"; }

CoreCost PhaseCost::total() const {
  CoreCost sum;
  for (const PhaseLayerCost& layer : layers) sum += layer.cost;
  return sum;
}

std::vector<PhaseCost> run_phases(const Design& design, const PhaseWork& work) {
  const Schedules schedules(design, work);
  std::vector<PhaseCost> phases;
  for (const Phase& phase : work.phases) {
    PhaseCost cost{phase, {}};
    for (const PhaseLayer& layer : phase.layers) cost.layers.push_back(cost_of(layer, phase.passes, schedules));
    phases.push_back(std::move(cost));
  }
  return phases;
}

}  // namespace subbyte::sim
