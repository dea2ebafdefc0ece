#include "sim/cost/core_cost.hpp"

#include <fmt/format.h>

#include "sim/mapping/mapping.hpp"

namespace subbyte::sim {
namespace {

/// Returns the sum of all rows, as it stands below them.
CoreCost total_of(std::span<const CoreLayerRow> rows) {
  CoreCost total;
  for (const CoreLayerRow& row : rows) total += row.cost.cost;
  return total;
}

}  // namespace

CoreCost& CoreCost::operator+=(const CoreCost& other) {
  products += other.products;
  for (unsigned cause = 0; cause < kernels::kCoreCauseCount; ++cause) counts[cause] += other.counts[cause];
  vector += other.vector;
  vector_waiting += other.vector_waiting;
  traffic += other.traffic;
  actions += other.actions;
  vector_actions += other.vector_actions;
  bus_cycles += other.bus_cycles;
  macs += other.macs;
  lane_cycles += other.lane_cycles;
  return *this;
}

CoreCost& CoreCost::operator*=(std::size_t times) {
  products *= times;
  for (std::uint64_t& cycles : counts) cycles *= times;
  vector *= times;
  vector_waiting *= times;
  actions *= times;
  vector_actions *= times;
  traffic *= times;
  for (double* figure : {&bus_cycles, &macs, &lane_cycles}) *figure *= static_cast<double>(times);
  return *this;
}

std::uint64_t CoreCost::computing() const {
  return counts[kernels::kFill] + counts[kernels::kWork] + counts[kernels::kGap] + counts[kernels::kDrain] + vector;
}

const char* CoreCost::bound() const { return bus_cycles > static_cast<double>(computing()) ? "memory" : "compute"; }

double CoreCost::utilisation(const Design& design) const {
  const kernels::CoreParams core = kernels::CoreParams::of(design.core->parameters);
  return lane_cycles / (static_cast<double>(core.lanes()) * static_cast<double>(cycles()));
}

CoreReads core_reads_of(const CoreLayerPlan& plan, const CoreSchedule& schedule) {
  const kernels::CoreLayer& layer = schedule.layer;
  const auto bytes = [&](std::uint32_t words) { return std::uint64_t{words} * plan.core.bus_bytes; };
  return {{bytes(layer.output_base - layer.weight_base), layer.weight_reads()},
          {bytes(layer.weight_base - layer.activation_base), layer.activation_reads()}};
}

std::string blocks_text(const kernels::CoreLayer& layer) {
  return fmt::format("{} x {} x {}, {} outer", layer.n_tiles, layer.t_tiles, layer.groups,
                     layer.weights_outer ? "outputs" : "tokens");
}

CoreLayerCost scheduled_cost(const CoreLayerPlan& plan, const CoreSchedule& schedule) {
  CoreLayerCost done;
  done.cost.products = 1;
  done.cost.counts = schedule.counts;
  done.cost.traffic = schedule.traffic;
  done.cost.bus_cycles = static_cast<double>(schedule.traffic.total()) / plan.core.bus_bytes *
                         static_cast<double>(plan.channel.word_ticks) / static_cast<double>(plan.channel.cycle_ticks);
  done.blocks = blocks_text(schedule.layer);
  done.reads = core_reads_of(plan, schedule);
  return done;
}

std::string idle_rows_text(const Design& design, std::size_t tokens) {
  const std::size_t rows = kernels::CoreParams::of(design.core->parameters).rows(), last = tokens % rows;
  if (last == 0) return "";
  return fmt::format(
      "{} of the {} rows of the array {} no token{} and compute nothing: an array of fewer rows and more columns may "
      "fit better.",
      rows - last, rows, rows - last == 1 ? "has" : "have", tokens > rows ? " beside the last ones" : "");
}

CoreLayerCost run_cost(const Design& design, const quant::PackedTensor& weights, const CoreResult& result) {
  CoreLayerCost done = scheduled_cost(result.plan, result.schedule);
  done.cost.counts = result.counts.value();
  done.cost.macs = static_cast<double>(result.plan.shape.tokens) * static_cast<double>(weights.rows * weights.cols);
  done.cost.lane_cycles = lane_cycles_per_weight(design, weights) * done.cost.macs;
  done.packed_bytes = weights.bytes();
  return done;
}

reports::Table core_causes_table(const std::string& title, const std::string& source,
                                 std::span<const CoreLayerRow> rows) {
  reports::Table table{title, {{"layer", "", ""}}, {}, ""};
  for (const char* cause : kernels::kCoreCauses) table.columns.push_back({cause, "cycles", source, 12});
  const bool vector = total_of(rows).vector > 0;
  if (vector)
    for (const char* name : {"vector", "vector waiting"}) table.columns.push_back({name, "cycles", source, 12});
  const auto add = [&](const std::string& name, const CoreCost& cost) {
    std::vector<nlohmann::json> row{name};
    for (const std::uint64_t cycles : cost.counts) row.emplace_back(cycles);
    if (vector) row.insert(row.end(), {cost.vector, cost.vector_waiting});
    table.rows.push_back(std::move(row));
  };
  for (const CoreLayerRow& row : rows) add(row.layer, row.cost.cost);
  add("total", total_of(rows));
  table.note = "The causes are those of one layer on the core: activations, weights, outputs and control are waiting.";
  if (vector) table.note += " So is vector waiting, of the vector unit for memory.";
  return table;
}

reports::Table core_streams_table(const std::string& title, const std::string& matrix,
                                  std::span<const CoreLayerRow> rows) {
  reports::Table table{title,
                       {{"layer", "", ""},
                        {matrix + " packed", "bytes", "derived", 12},
                        {matrix + " moved", "bytes", "derived", 12},
                        {"read", "times", "derived"},
                        {"activations moved", "bytes", "derived", 12},
                        {"read ", "times", "derived"},
                        {"outputs moved", "bytes", "derived", 12}},
                       {},
                       ""};
  std::uint64_t packed = 0;
  for (const auto& [layer, cost] : rows) {
    const CoreTraffic& traffic = cost.cost.traffic;
    table.rows.push_back({layer, cost.packed_bytes, traffic.weights, cost.reads.weights.reads, traffic.activations,
                          cost.reads.activations.reads, traffic.outputs});
    packed += cost.packed_bytes;
  }
  const CoreTraffic traffic = total_of(rows).traffic;
  table.rows.push_back({"total", packed, traffic.weights, nullptr, traffic.activations, nullptr, traffic.outputs});
  return table;
}

void add_causes(reports::Table causes, reports::Record& record) {
  reports::Bars bars{causes.title, record.tables.size(), 0, {}};
  for (std::size_t cause = 1; cause < causes.columns.size(); ++cause) bars.values.push_back(cause);
  record.bars.push_back(std::move(bars));
  record.tables.push_back(std::move(causes));
}

}  // namespace subbyte::sim
