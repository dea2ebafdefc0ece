// What simulate says of a model's phases on a core.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

#include "sim/config/format_file.hpp"
#include "sim/cost/clock.hpp"
#include "sim/cost/core_phases.hpp"

namespace subbyte::sim {
namespace {

constexpr const char* kSource = "model";  ///< of cycles: the engine `fast`

/// "256 x 4096 x 4096", with a range where products differ.
std::string size_text(const PhaseLayerCost& layer) {
  const auto part = [](std::size_t first, std::size_t last) {
    return first == last ? fmt::format("{}", first) : fmt::format("{}..{}", first, last);
  };
  return fmt::format("{} x {} x {}", part(layer.first.tokens, layer.last.tokens),
                     part(layer.first.outputs, layer.last.outputs), part(layer.first.inputs, layer.last.inputs));
}

double percent(double part, double whole) { return whole > 0 ? 100 * part / whole : 0; }

double as_double(std::uint64_t value) { return static_cast<double>(value); }

/// A whole number where the products are equal.
nlohmann::json mean(std::uint64_t cycles, std::uint64_t products) {
  if (cycles % products == 0) return cycles / products;
  return as_double(cycles) / as_double(products);
}

/// "Decode: layers"
std::string title_of(const PhaseCost& phase, const char* what) {
  std::string name = phase.phase.name == "gemm" ? "GEMM" : phase.phase.name;
  name.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(name.front())));
  return fmt::format("{}: {}", name, what);
}

std::vector<nlohmann::json> layer_row(const CoreCost& cost, double all) {
  const double cycles = as_double(cost.cycles());
  return {cost.cycles(), percent(cycles, all), percent(as_double(cost.computing()), cycles),
          percent(cost.bus_cycles, cycles), cost.bound()};
}

reports::Table layers_table(const PhaseCost& phase) {
  const CoreCost total = phase.total();
  const double all = as_double(total.cycles());
  reports::Table table{
      title_of(phase, "layers"),
      {{"layer", "", ""},
       {"format", "", ""},
       {"tokens x outputs x inputs", "", ""},
       {"times", "", "derived", 12},
       {"cycles of one", "", kSource, 12},
       {"cycles", "", kSource, 12},
       {"share", "%", "derived", 3},
       {"array computes", "%", kSource, 3},
       {"bus moves", "%", "derived", 3},
       {"bound by", "", "derived"},
       {"blocks", "", "derived: output tiles x token tiles x groups of inputs"}},
      {},
      fmt::format("{}. A layer is bound by what is busy for longer: the array, filling and draining "
                  "included, or the memory's bus. Blocks are output tiles x token tiles x groups of inputs.",
                  phase.phase.text)};
  for (std::size_t i = 0; i < phase.layers.size(); ++i) {
    const PhaseLayerCost& layer = phase.layers[i];
    const CoreCost& cost = layer.cost;
    std::vector<nlohmann::json> row{phase.phase.layers[i].name, phase.phase.layers[i].format.id(), size_text(layer),
                                    cost.products, mean(cost.cycles(), cost.products)};
    for (nlohmann::json& cell : layer_row(cost, all)) row.push_back(std::move(cell));
    row.emplace_back(layer.blocks);
    table.rows.push_back(std::move(row));
  }
  std::vector<nlohmann::json> row{"total", "", "", total.products, nullptr};
  for (nlohmann::json& cell : layer_row(total, all)) row.push_back(std::move(cell));
  row.emplace_back("");
  table.rows.push_back(std::move(row));
  return table;
}

std::vector<CoreLayerRow> rows_of(const PhaseCost& phase) {
  std::vector<CoreLayerRow> rows;
  for (std::size_t i = 0; i < phase.layers.size(); ++i) rows.push_back({phase.phase.layers[i].name, phase.layers[i]});
  return rows;
}

reports::Table streams_table(const PhaseCost& phase) {
  reports::Table table = core_streams_table(title_of(phase, "memory"), "matrix", rows_of(phase));
  table.note =
      "Packed is what the matrices of one pass take in a packed file (keys and values on the average); the rest is of "
      "all passes, in whole bursts.";
  return table;
}

double seconds_of(const Design& design, const CoreCost& cost) {
  return as_double(cost.cycles()) / (design.clock_mhz * 1e6);
}

/// What a user of the model waits for, as far as products say it: `which` are the linear layers, or all.
void add_latencies(const Design& design, const PhaseCost& phase, const char* which, const CoreCost& cost,
                   std::vector<reports::Metric>& metrics) {
  const double seconds = seconds_of(design, cost), steps = as_double(phase.phase.passes);
  const auto add = [&](const char* name, const char* quantity, const char* unit, double value) {
    metrics.push_back({fmt::format("{}_{}", which, name), quantity, unit, value, "derived"});
  };
  if (phase.phase.name == "prefill") add("time_to_first_token", "time", "s", seconds);
  if (phase.phase.name != "decode") return;
  add("time_per_output_token", "time", "s", seconds / steps);
  add("tokens_per_s", "rate", "tokens/s", steps * as_double(phase.phase.sequences) / seconds);
}

void add_metrics(const Design& design, const PhaseCost& phase, std::vector<reports::Metric>& metrics) {
  const CoreCost total = phase.total();
  const auto add = [&](const char* name, const char* quantity, const char* unit, double value, const char* source) {
    metrics.push_back({fmt::format("{}_{}", phase.phase.name, name), quantity, unit, value, source});
  };
  add("cycles", "time", "cycles", as_double(total.cycles()), kSource);
  add("time", "time", "s", seconds_of(design, total), "derived");
  add("utilisation", "ratio", "", total.utilisation(design), "derived");
  add("weight_traffic", "data", "bytes", as_double(total.traffic.weights), "derived");
  add("activation_traffic", "data", "bytes", as_double(total.traffic.activations), "derived");
  add("output_traffic", "data", "bytes", as_double(total.traffic.outputs), "derived");
  if (phase.phase.kv_appended > 0)
    add("kv_appended", "data", "bytes", as_double(phase.phase.kv_appended), "derived, beside the traffic");
}

std::set<std::string> formats_of(const PhaseWork& work) {
  std::set<std::string> formats;
  for (const Phase& phase : work.phases)
    for (const PhaseLayer& layer : phase.layers)
      if (layer.kind == ProductKind::kLinear) formats.insert(layer.format.id());
  return formats;
}

constexpr const char* kAttentionText =
    " attn_qk has the keys of a head in place of weights, and attn_av the values, for all query heads that share them; "
    "they differ from step to step with the context, and blocks and reads are those of the largest. A prefill "
    "computes the whole square of its tokens, also what the causal mask drops. The scale of a value is multiplied into "
    "the attention weights.";

/// What is in the figures, and what is not.
std::string scope_text(const PhaseWork& work) {
  if (work.not_in_it.empty()) return "";
  const bool attention = !work.kv_format.empty();
  std::string text = fmt::format(
      "These are the {}, one after the other; lm_head computes the last token of each "
      "sequence. Not in it: {}.",
      attention ? "linear layers and the products of attention" : "linear layers alone",
      fmt::join(work.not_in_it, ", "));
  if (attention) text += kAttentionText;
  if (!work.left_out.empty())
    text += fmt::format(" Left unquantized, not in it either: {}.", fmt::join(work.left_out, ", "));
  if (!work.unread.empty())
    text += fmt::format(" Keys of the config.json that nobody here knows: {}.", fmt::join(work.unread, ", "));
  return text;
}

nlohmann::json provenance_of(const Design& design, const PhaseWork& work) {
  nlohmann::json provenance{
      {"design_name", design.name}, {"design", design.resolved},
      {"design_hash", design.hash}, {"workload", work.title},
      {"engine", "fast"},           {"format", fmt::format("{}", fmt::join(formats_of(work), ", "))}};
  note_clock(kCoreClock, std::nullopt, provenance);
  if (!work.source.empty()) provenance["workload_source"] = work.source;
  if (!work.kv_format.empty()) {
    provenance["kv_format"] = work.kv_format;
    provenance["context"] = work.context;
  }
  for (const Phase& phase : work.phases)
    provenance["phases"][phase.name] = {
        {"tokens", phase.tokens}, {"passes", phase.passes}, {"sequences", phase.sequences}};
  for (const auto& [name, list] :
       {std::pair("not_in_it", work.not_in_it), std::pair("left_out", work.left_out), std::pair("unread", work.unread)})
    if (!list.empty()) provenance[name] = list;
  return provenance;
}

/// ", its KV cache in int8:g128 with 4096 tokens before".
std::string cache_text(const PhaseWork& work) {
  if (work.kv_format.empty()) return "";
  return fmt::format(", its KV cache in {}{}", work.kv_format,
                     work.context > 0 ? fmt::format(" with {} tokens before", work.context) : "");
}

}  // namespace

reports::Record phases_record(const Design& design, const PhaseWork& work, const std::vector<PhaseCost>& phases) {
  reports::Record record;
  record.kind = "simulate-workload";
  std::vector<std::string> texts;
  for (const Phase& phase : work.phases)
    texts.push_back(phase.name == "gemm" ? phase.text : fmt::format("{} in {}", phase.name, phase.text));
  record.title = fmt::format("{} in {}{} on the core of {}: {}", work.title, fmt::join(formats_of(work), ", "),
                             cache_text(work), design.name, fmt::join(texts, ", "));
  record.provenance = provenance_of(design, work);
  for (const PhaseCost& phase : phases)
    add_latencies(design, phase, "linear", phase.total(ProductKind::kLinear), record.metrics);
  for (const PhaseCost& phase : phases)
    if (!work.kv_format.empty()) add_latencies(design, phase, "matmul", phase.total(), record.metrics);
  for (const PhaseCost& phase : phases) add_metrics(design, phase, record.metrics);
  mark_clock(kClockNotChecked, record.metrics);
  for (const PhaseCost& phase : phases) {
    record.tables.push_back(layers_table(phase));
    add_causes(core_causes_table(title_of(phase, "where the cycles go"), kSource, rows_of(phase)), record);
    record.tables.push_back(streams_table(phase));
  }
  if (const std::string scope = scope_text(work); !scope.empty()) {
    reports::Table& first = record.tables.front();
    first.note = scope + " " + first.note;
  }
  return record;
}

}  // namespace subbyte::sim
