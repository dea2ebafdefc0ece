#include "sim/cost/product_schedules.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "sim/base/progress.hpp"
#include "sim/config/format_file.hpp"

namespace subbyte::sim {
namespace {

ScheduledProduct schedule(const Design& design, const quant::Format& format, const ProductSize& size) {
  ScheduledProduct done;
  done.plan = plan_core_layer(design, format, size);
  done.best = schedule_core(design.name, done.plan);
  done.layer = scheduled_cost(done.plan, done.best);
  return done;
}

}  // namespace

void LayerRefusals::add(const std::string& reason, const std::string& name) {
  auto same = std::ranges::find(reasons_, reason, &Reason::first);
  if (same == reasons_.end()) same = reasons_.insert(same, {reason, {}});
  if (std::ranges::find(same->second, name) == same->second.end()) same->second.push_back(name);
}

void LayerRefusals::stop(const std::string& title) const {
  if (empty()) return;
  std::vector<std::string> lines;
  for (const auto& [reason, names] : reasons_) lines.push_back(fmt::format("{}: {}", fmt::join(names, ", "), reason));
  throw LayerRefused(fmt::format("{}: {}", title, fmt::join(lines, "\n")));
}

ProductSchedules::ProductSchedules(const Design& design, const PhaseWork& work)
    : core_(kernels::CoreParams::of(design.core->parameters)) {
  const auto for_each = [&](const auto& act) {
    for (const Phase& phase : work.phases)
      for (const PhaseLayer& layer : phase.layers)
        for (const CountedProduct& product : layer.products) act(layer, key_of(layer, product.size));
  };
  std::map<ProductKey, const PhaseLayer*> products;
  for_each([&](const PhaseLayer& layer, const ProductKey& key) { products.emplace(key, &layer); });
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
  for_each([&](const PhaseLayer& layer, const ProductKey& key) {
    if (const auto found = refused.find(key); found != refused.end()) refusals_.add(found->second, layer.name);
  });
}

/// Growing products of attention share a key where they have the same words of the bus, chunks and tiles, since cycles
/// and bytes follow from these. A word of results has bus_bytes / 4 outputs, and a tile has whole ones; a word of
/// activations has bus_bytes / 2 inputs, and a chunk one per lane.
ProductSchedules::ProductKey ProductSchedules::key_of(const PhaseLayer& layer, ProductSize size) const {
  if (layer.kind == LayerKind::kAttention) {
    const auto up = [](std::size_t number, std::size_t unit) { return (number + unit - 1) / unit * unit; };
    size.outputs = up(size.outputs, core_.bus_bytes / 4);
    if (layer.format.scaling.group == quant::kWholeRow)
      size.inputs =
          std::min(up(size.inputs, core_.bus_bits() / core_.tile.activation_bits), up(size.inputs, core_.tile.lanes));
  }
  return {describe(layer.format), layer.format.scaling.group, size};
}

}  // namespace subbyte::sim
