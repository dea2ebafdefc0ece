// What simulate says of a model's phases on a core.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "sim/config/format_file.hpp"
#include "sim/cost/clock.hpp"
#include "sim/cost/core_phases.hpp"
#include "sim/cost/core_phases_metrics.hpp"
#include "sim/cost/core_roofline.hpp"

namespace subbyte::sim {
namespace {

constexpr const char* kSource = "model";  ///< of cycles: the engine `fast`

std::string range_text(std::uint64_t first, std::uint64_t last) {
  return first == last ? fmt::format("{}", first) : fmt::format("{}..{}", first, last);
}

/// "8192 x 257..512": rows and their elements.
std::string rows_text(const PhaseLayer& layer) {
  const kernels::VectorRows &first = layer.operations.front().rows, &last = layer.operations.back().rows;
  return fmt::format("{} x {}", first.rows * first.times, range_text(first.length, last.longest()));
}

/// "256 x 4096 x 4096", with a range where products differ.
std::string size_text(const PhaseLayer& layer, const PhaseLayerCost& cost) {
  if (layer.kind == LayerKind::kVector) return rows_text(layer);
  return fmt::format("{} x {} x {}", range_text(cost.first.tokens, cost.last.tokens),
                     range_text(cost.first.outputs, cost.last.outputs),
                     range_text(cost.first.inputs, cost.last.inputs));
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
       {"computes", "%", kSource, 3},
       {"bus moves", "%", "derived", 3},
       {"bound by", "", "derived"},
       {"blocks", "", "derived: output tiles x token tiles x groups of inputs"}},
      {},
      fmt::format("{}. A layer is bound by what is busy for longer: what computes, which is the array, filling and "
                  "draining included, or the vector unit; or the memory's bus. Blocks are output tiles x token tiles x "
                  "groups of inputs.",
                  phase.phase.text)};
  for (std::size_t i = 0; i < phase.layers.size(); ++i) {
    const PhaseLayerCost& layer = phase.layers[i];
    const CoreCost& cost = layer.cost;
    std::vector<nlohmann::json> row{phase.phase.layers[i].name, phase.phase.layers[i].does(),
                                    size_text(phase.phase.layers[i], layer), cost.products,
                                    mean(cost.cycles(), cost.products)};
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

/// A row for each kind of operation, beside the matrix layers.
reports::Table vector_table(const PhaseCost& phase) {
  reports::Table table{
      title_of(phase, "between the matrix layers"),
      {{"operation", "", ""},
       {"times", "", "derived", 12},
       {"cycles", "", kSource, 12},
       {"share", "%", "derived", 3},
       {"unit works", "cycles", kSource, 12},
       {"waits for memory", "cycles", kSource, 12},
       {"bus moves", "%", "derived", 3}},
      {},
      "The vector unit runs alone, one operation after the other; its operands come from memory and its results go "
      "there. The share is of all cycles of the phase."};
  std::vector<std::pair<std::string, CoreCost>> kinds;
  for (std::size_t i = 0; i < phase.layers.size(); ++i) {
    if (phase.phase.layers[i].kind != LayerKind::kVector) continue;
    const std::string name = phase.phase.layers[i].does();
    auto kind = std::ranges::find(kinds, name, &decltype(kinds)::value_type::first);
    if (kind == kinds.end()) kind = kinds.insert(kind, {name, {}});
    kind->second += phase.layers[i].cost;
  }
  kinds.emplace_back("total", phase.total(LayerKind::kVector));
  const double all = as_double(phase.total().cycles());
  for (const auto& [name, cost] : kinds)
    table.rows.push_back({name, cost.products, cost.cycles(), percent(as_double(cost.cycles()), all), cost.vector,
                          cost.vector_waiting, percent(cost.bus_cycles, as_double(cost.cycles()))});
  return table;
}

std::vector<CoreLayerRow> rows_of(const PhaseCost& phase) {
  std::vector<CoreLayerRow> rows;
  for (std::size_t i = 0; i < phase.layers.size(); ++i) rows.push_back({phase.phase.layers[i].name, phase.layers[i]});
  return rows;
}

/// Attention stands apart, and where there are several phases each one.
std::vector<CoreRooflineRow> roofline_rows(const std::vector<PhaseCost>& phases) {
  std::vector<CoreRooflineRow> rows;
  for (const PhaseCost& phase : phases) {
    for (std::size_t i = 0; i < phase.layers.size(); ++i) {
      const PhaseLayer& layer = phase.phase.layers[i];
      const std::string kind = layer.kind == LayerKind::kAttention ? ": attention" : ": linear layers";
      rows.push_back({layer.name, phase.phase.name == "gemm" ? "" : phase.phase.name + kind, phase.layers[i].cost});
    }
  }
  return rows;
}

reports::Table streams_table(const PhaseCost& phase) {
  reports::Table table = core_streams_table(title_of(phase, "memory"), "matrix", rows_of(phase));
  table.note =
      "Packed is what the matrices of one pass take in a packed file (keys and values on the average); the rest is of "
      "all passes, in whole bursts.";
  return table;
}

std::set<std::string> formats_of(const PhaseWork& work) {
  std::set<std::string> formats;
  for (const Phase& phase : work.phases)
    for (const PhaseLayer& layer : phase.layers)
      if (layer.kind == LayerKind::kLinear) formats.insert(layer.format.id());
  return formats;
}

/// Who tells the cycles of a whole token.
constexpr const char* kEnginesOf =
    "matrix layers: fast (equal in systemc and rtl); operations of the vector unit: fast (equal in systemc; no rtl); "
    "the vector unit's waiting for memory: closed form of kernels/VECTOR.md, in no other engine";

constexpr const char* kAttentionText =
    " attn_qk has the keys of a head in place of weights, and attn_av the values, for all query heads that share them; "
    "they differ from step to step with the context, and blocks and reads are those of the largest. A prefill "
    "computes the whole square of its tokens, also what the causal mask drops. The scale of a value is multiplied into "
    "the attention weights.";

/// What the figures are of.
std::string scope_of(const PhaseWork& work) {
  const char* layers = work.kv_format.empty() ? "the linear layers" : "the linear layers and the products of attention";
  return fmt::format("These are {}{}, one after the other; lm_head computes the last token of each sequence.", layers,
                     work.vector ? ", with what the vector unit does between them" : " alone");
}

/// What is in the figures, and what is not.
std::string scope_text(const PhaseWork& work) {
  if (!work.shape) return "";
  std::string text = scope_of(work);
  if (!work.not_in_it.empty()) text += fmt::format(" Not in it: {}.", fmt::join(work.not_in_it, ", "));
  if (work.vector) text += " Choosing a token by its logits is not the machine's work.";
  if (!work.kv_format.empty()) text += kAttentionText;
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
  if (work.vector) provenance["engines_of"] = kEnginesOf;
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
  record.metrics = phases_metrics(design, work, phases);
  mark_clock(kClockNotChecked, record.metrics);
  for (const PhaseCost& phase : phases) {
    record.tables.push_back(layers_table(phase));
    const Phase& of = phase.phase;
    if (const std::string idle = idle_rows_text(design, of.tokens / of.passes * of.sequences); !idle.empty())
      record.tables.back().note += " " + idle;
    if (work.vector && phase.total().vector > 0) record.tables.push_back(vector_table(phase));
    add_causes(core_causes_table(title_of(phase, "where the cycles go"), kSource, rows_of(phase)), record);
    record.tables.push_back(streams_table(phase));
  }
  add_core_roofline(design, roofline_rows(phases), kSource, record);
  if (const std::string scope = scope_text(work); !scope.empty()) {
    reports::Table& first = record.tables.front();
    first.note = scope + " " + first.note;
  }
  return record;
}

}  // namespace subbyte::sim
