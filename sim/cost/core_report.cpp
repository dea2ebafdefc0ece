#include "sim/cost/core_report.hpp"

#include <fmt/format.h>

#include <array>

#include "quant/rules/distortion.hpp"
#include "sim/cost/clock.hpp"
#include "sim/cost/core_roofline.hpp"
#include "sim/cost/layer_provenance.hpp"
#include "sim/cost/roofline.hpp"

namespace subbyte::sim {
namespace {

constexpr std::array kMeanings{
    "memory asks for or awaits activations",
    "memory awaits weights",
    "memory writes results of the step before the last",
    "memory does none of these",
    "no chunk has come to the tiles yet",
    "the tiles work on a chunk",
    "no chunk is there, for metadata is read",
    "all chunks are taken and the last results leave the tiles",
    "all is computed and the last results are written",
};

/// An operand, its bytes in memory, and how often they are read.
struct Stream {
  std::string name, metric;  ///< `metric` says how often it is read
  std::uint64_t moved = 0;
  OperandReads of = {};
  std::string holder = {};  ///< the buffer that holds all of it; empty where it is read once
};

std::uint64_t kib_of(std::uint64_t half_bytes) { return (2 * half_bytes + 1023) / 1024; }

std::string buffer_text(std::string_view key, std::uint64_t kib, std::uint64_t there) {
  if (kib > there) return fmt::format("{}: {}, and it is {}", key, kib, there);
  return fmt::format("{} does, but reading it again takes the fewest cycles", key);
}

std::array<Stream, 2> streams_of(const CoreLayerPlan& plan, const CoreSchedule& schedule) {
  const kernels::CoreParams& core = plan.core;
  const CoreTraffic& traffic = schedule.traffic;
  const CoreReads reads = core_reads_of(plan, schedule);
  Stream weights{"weights", "weight_reads", traffic.weights, reads.weights};
  Stream activations{"activations", "activation_reads", traffic.activations, reads.activations};
  if (weights.of.reads > 1)
    weights.holder = buffer_text("weight_buffer_kib", kib_of(weights.of.stored), core.weight_kib);
  const std::uint64_t tokens = plan.shape.tokens, token_tiles = kernels::quotient_up(tokens, core.rows());
  if (activations.of.reads > 1)
    activations.holder =
        buffer_text("activation_buffer_kib", kib_of(activations.of.stored / tokens * token_tiles * core.rows()),
                    core.activation_kib);
  return {weights, activations};
}

std::string engines_note(const CoreResult& result) {
  if (!result.equal()) return "DIFFER: the engines do not agree, so no performance figure is given.";
  const char* alone = result.engines.size() == 1 ? "One engine ran, and nothing was compared. " : "";
  if (!result.counts)
    return fmt::format("{}golden has no cycles; add fast, systemc or rtl for figures of time.", alone);
  if (*alone != 0) return "One engine ran, and nothing was compared.";
  return "Every command to memory and every cause of cycles is the same wherever an engine has it.";
}

reports::Table engines_table(const CoreResult& result) {
  reports::Table table{"Engines",
                       {{"engine", "", ""},
                        {"commands to memory", "", "", 12},
                        {"host time", "s", "", 3},
                        {"building", "s", "host, before the run", 3},
                        {"result", "", ""}},
                       {},
                       engines_note(result)};
  for (const EngineRun& run : result.engines)
    table.rows.push_back({run.engine, run.beats, run.wall_s, run.build_s,
                          !run.failure.empty()         ? run.failure
                          : result.engines.size() == 1 ? "alone"
                          : result.equal()             ? "equal"
                                                       : "DIFFER"});
  return table;
}

/// The metrics of a run whose engines agree: cycles and time, in all and by cause, bytes of memory by stream, how often
/// each operand is read, and utilisation.
std::vector<reports::Metric> core_metrics(const Design& design, const quant::PackedTensor& weights,
                                          const CoreResult& result) {
  const double cycles = static_cast<double>(kernels::core_total(*result.counts));
  const double seconds = cycles / (design.clock_mhz * 1e6);
  const auto tokens = static_cast<double>(result.plan.shape.tokens);
  const CoreTraffic& traffic = result.schedule.traffic;
  const auto lanes = static_cast<double>(result.plan.core.lanes());
  const double macs = tokens * static_cast<double>(weights.rows) * static_cast<double>(weights.cols);
  std::vector<reports::Metric> metrics{
      {"cycles", "time", "cycles", cycles, result.cycle_source},
      {"cycles_per_token", "time", "cycles/token", cycles / tokens, result.cycle_source},
      {"layer_time", "time", "s", seconds, "derived"},
      {"tokens_per_s", "rate", "tokens/s", tokens / seconds, "derived"},
      {"weight_traffic", "data", "bytes", static_cast<double>(traffic.weights), "derived"},
      {"activation_traffic", "data", "bytes", static_cast<double>(traffic.activations), "derived"},
      {"output_traffic", "data", "bytes", static_cast<double>(traffic.outputs), "derived"},
      {"utilisation", "ratio", "", lane_cycles_per_weight(design, weights) * macs / (lanes * cycles), "derived"},
      {"bits_per_weight", "data", "bits", weights.bits_per_weight(), "derived"},
  };
  for (const Stream& stream : streams_of(result.plan, result.schedule))
    metrics.push_back({stream.metric, "ratio", "", static_cast<double>(stream.of.reads), "derived"});
  for (unsigned cause = 0; cause < kernels::kCoreCauseCount; ++cause)
    metrics.push_back({std::string("cycles_") + kernels::kCoreCauses[cause], "time", "cycles",
                       static_cast<double>((*result.counts)[cause]), result.cycle_source});
  return metrics;
}

std::string blocks_note(const kernels::CoreLayer& layer) {
  std::string inputs;
  if (layer.k_blocks > 1)
    inputs = fmt::format(" x {} groups of inputs, whose results are added in FP32 in the output buffer", layer.groups);
  return fmt::format("Blocks: {} output tiles x {} token tiles{}; {} outer; {} steps.", layer.n_tiles, layer.t_tiles,
                     inputs, layer.weights_outer ? "outputs" : "tokens", layer.steps());
}

/// Cycles by cause with the blocks that were chosen, and the streams with the buffer that would hold all of one.
std::vector<reports::Table> core_tables(const CoreResult& result, std::size_t packed_bytes) {
  const kernels::CoreLayer& layer = result.schedule.layer;
  const double all = static_cast<double>(kernels::core_total(*result.counts));
  reports::Table causes{
      "Where the cycles go",
      {{"cause", "", ""}, {"cycles", "", result.cycle_source}, {"share", "%", "derived", 3}, {"what it is", "", ""}},
      {},
      blocks_note(layer)};
  for (unsigned cause = 0; cause < kernels::kCoreCauseCount; ++cause) {
    const std::uint64_t cycles = (*result.counts)[cause];
    causes.rows.push_back(
        {kernels::kCoreCauses[cause], cycles, 100 * static_cast<double>(cycles) / all, kMeanings[cause]});
  }
  reports::Table streams{
      "Memory",
      {{"stream", "", ""},
       {"stored", "bytes", "derived", 12},
       {"moved", "bytes", "derived", 12},
       {"read", "times", "derived"},
       {"buffer that holds all of it", "", ""}},
      {},
      fmt::format(
          "Bytes are moved in whole bursts. The packed file has {} bytes of these weights; "
          "their image has scales as the tile takes them (FP16, or u8 below a channel "
          "scale) and pads tiles, groups and rows. The blocks are those of all that were tried that take the fewest "
          "cycles, which can read an operand again although its buffer holds it.",
          packed_bytes)};
  for (const Stream& stream : streams_of(result.plan, result.schedule))
    streams.rows.push_back({stream.name, stream.of.stored, stream.moved, stream.of.reads, stream.holder});
  streams.rows.push_back({"outputs", nullptr, result.schedule.traffic.outputs, nullptr, ""});
  return {causes, streams};
}

}  // namespace

reports::Record core_record(const Design& design, const LayerInputs& inputs, const CoreResult& result) {
  reports::Record record;
  record.kind = "simulate-core";
  record.title = fmt::format("{} in {} on the core of {}, {} tokens", inputs.layer, inputs.weights.format.id(),
                             design.name, inputs.activations.tokens);
  record.provenance = layer_provenance(design, inputs);
  record.provenance["outputs"] = outputs_text(design, Traffic{});  // all of Y goes to the memory
  note_clock(kCoreClock, std::nullopt, record.provenance);
  record.tables.push_back(engines_table(result));
  if (result.counts) record.metrics = core_metrics(design, inputs.weights, result);
  mark_clock(kClockNotChecked, record.metrics);
  if (!result.y.empty()) {
    const auto packed = quant::reference_product(quant::decoded(inputs.weights), inputs.weights.rows,
                                                 inputs.activations.bits, inputs.activations.cols);
    record.metrics.push_back({"datapath_sqnr", "error", "dB", quant::sqnr_db(packed, result.y), "derived"});
  }
  if (!result.counts) return record;
  std::vector<reports::Table> tables = core_tables(result, inputs.weights.bytes());
  if (const std::string idle = idle_rows_text(design, inputs.activations.tokens); !idle.empty())
    tables.front().note += " " + idle;
  for (reports::Table& table : tables) record.tables.push_back(std::move(table));
  add_core_roofline(design, {{inputs.layer, "", run_cost(design, inputs.weights, result).cost}}, result.cycle_source,
                    record);
  return record;
}

}  // namespace subbyte::sim
