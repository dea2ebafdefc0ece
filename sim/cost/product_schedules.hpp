// Every different product of a model's phases in the blocks that cost the fewest cycles, each scheduled once.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "sim/cost/core_cost.hpp"
#include "sim/workload/model_phases.hpp"

namespace subbyte::sim {

/// A product that was scheduled.
struct ScheduledProduct {
  CoreLayerPlan plan;
  CoreSchedule best;
  CoreLayerCost layer;  ///< of one, but for its MACs and actions
};

/// Layers that the design cannot run, and why.
class LayerRefusals {
 public:
  bool empty() const { return reasons_.empty(); }
  void add(const std::string& reason, const std::string& name);
  /// Throws LayerRefused with "LAYER, LAYER: REASON", a line for each reason, where there is one.
  void stop(const std::string& title) const;

 private:
  using Reason = std::pair<std::string, std::vector<std::string>>;
  std::vector<Reason> reasons_;
};

class ProductSchedules {
 public:
  /// Schedules all products of the work; what cannot run is among the refusals.
  ProductSchedules(const Design& design, const PhaseWork& work);
  const LayerRefusals& refusals() const { return refusals_; }
  /// Throws std::out_of_range for a product that is not the work's, or was refused.
  const ScheduledProduct& of(const PhaseLayer& layer, const ProductSize& size) const {
    return done_.at(key_of(layer, size));
  }

 private:
  /// What decides a schedule: the format by its definition, its group, and the size.
  using ProductKey = std::tuple<std::string, std::size_t, ProductSize>;
  ProductKey key_of(const PhaseLayer& layer, ProductSize size) const;

  kernels::CoreParams core_;
  std::map<ProductKey, ScheduledProduct> done_;
  LayerRefusals refusals_;
};

}  // namespace subbyte::sim
