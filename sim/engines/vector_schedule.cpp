#include "sim/engines/vector_schedule.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "kernels/core/core_layer.hpp"
#include "models/fast/vector_unit_fast.hpp"
#include "sim/mapping/mapping.hpp"

namespace subbyte::sim {
namespace {

/// Returns the bytes of whole bursts.
std::uint64_t in_bursts(std::uint64_t bytes, std::uint64_t burst) { return (bytes + burst - 1) / burst * burst; }

void require_room(const std::string& design, const kernels::VectorParams& unit, const kernels::VectorCommand& command,
                  const kernels::VectorRows& rows) {
  const std::uint64_t holds = std::uint64_t{unit.row_words} * unit.lanes;
  if (kernels::vector_passes(command.operation).size() == 1 || rows.longest() <= holds) return;
  const std::uint64_t words = (rows.longest() + unit.lanes - 1) / unit.lanes;
  throw LayerRefused(fmt::format(
      "design '{}' has a row buffer of {} elements, and a row has {}; expected core.vector.row_buffer_kib of at least "
      "{}",
      design, holds, rows.longest(), (words * unit.lanes * 4 + 1023) / 1024));
}

}  // namespace

VectorTime vector_time(const std::string& design, const CoreDesign& core, const kernels::VectorCommand& command,
                       const kernels::VectorRows& rows) {
  const kernels::CoreParams array = kernels::CoreParams::of(core.parameters);
  const kernels::ChannelParams& channel = core.channel;
  const kernels::VectorParams& unit = core.vector.value().params;
  require_room(design, unit, command, rows);
  const models::VectorCost cost = models::vector_cost(unit, command, rows);
  const std::uint64_t burst = std::uint64_t{channel.burst_words} * array.bus_bytes, half = array.activation_kib * 512;
  VectorTime time;
  time.unit = cost.cycles + cost.fill;
  time.read = in_bursts(cost.bytes_in, burst);
  time.written = in_bursts(cost.bytes_out, burst);
  const std::uint64_t ticks = (time.read + time.written) / array.bus_bytes * channel.word_ticks;
  time.bus_cycles = static_cast<double>(ticks) / static_cast<double>(channel.cycle_ticks);
  const std::uint64_t blocks = (cost.bytes_in + half - 1) / half, request = std::uint64_t{1} + channel.latency;
  const std::uint64_t memory = (ticks + channel.cycle_ticks - 1) / channel.cycle_ticks + (blocks - 1) * request +
                               blocks * 2 * channel.turnaround;
  time.waiting = request + std::max(time.unit, memory) - time.unit;
  return time;
}

}  // namespace subbyte::sim
