#include "sim/cost/core_roofline.hpp"

#include <algorithm>
#include <numeric>

namespace subbyte::sim {
namespace {

double as_double(std::uint64_t value) { return static_cast<double>(value); }

/// Bytes per second, in words of the bus as the channel moves them.
double channel_bandwidth(const Design& design, const kernels::CoreParams& core) {
  const kernels::ChannelParams& channel = design.core->channel;
  return core.bus_bytes * as_double(channel.cycle_ticks) / as_double(channel.word_ticks) * design.clock_mhz * 1e6;
}

}  // namespace

void add_core_roofline(const Design& design, const std::vector<CoreRooflineRow>& rows, const std::string& source,
                       reports::Record& record) {
  reports::Table table{
      "Roofline",
      {{"layer", "", "", 4},
       {"cycles", "", source, 12},
       {"share", "%", "derived", 3},
       {"intensity", "MAC/byte", "derived", 4},
       {"attained", "MAC/s", "derived", 4},
       {"of the roof", "%", "derived", 3},
       {"bound by", "", "derived: the lower roof at this intensity"},
       {"peak", "MAC/s", "derived", 4},
       {"bandwidth", "byte/s", "derived", 4},
       {"roof", "", "", 4}},
      {},
      "Peak: all lanes of the array busy, by what the format takes of them. The other roof is the memory channel's. "
      "What is missing to the lower one is lost to idle rows of the array, filling and draining, and waiting."};
  const kernels::CoreParams core = kernels::CoreParams::of(design.core->parameters);
  const double bandwidth = channel_bandwidth(design, core), clock_hz = design.clock_mhz * 1e6;
  const double all = std::accumulate(rows.begin(), rows.end(), 0.0, [](double sum, const CoreRooflineRow& row) {
    return sum + as_double(row.cost.cycles());
  });
  for (const auto& [layer, kind, cost] : rows) {
    if (cost.macs <= 0) continue;
    const double cycles = as_double(cost.cycles()), intensity = cost.macs / as_double(cost.traffic.total());
    const double attained = cost.macs / cycles * clock_hz,
                 peak = core.lanes() / (cost.lane_cycles / cost.macs) * clock_hz;
    const double roof = std::min(peak, intensity * bandwidth);
    table.rows.push_back({layer, cost.cycles(), 100 * cycles / all, intensity, attained, 100 * attained / roof,
                          intensity * bandwidth < peak ? "memory" : "compute", peak, bandwidth,
                          kind.empty() ? design.name : kind});
  }
  if (table.rows.empty()) return;
  const auto at = [&](const char* name) { return reports::column(table, name); };
  record.rooflines.push_back({"Roofline", record.tables.size(), at("layer"), at("intensity"), at("attained"),
                              at("peak"), at("bandwidth"), at("roof")});
  record.tables.push_back(std::move(table));
}

}  // namespace subbyte::sim
