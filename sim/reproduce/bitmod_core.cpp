#include "sim/reproduce/bitmod_core.hpp"

#include <fmt/format.h>

#include <cmath>
#include <string>

#include "quant/formats/format.hpp"
#include "sim/base/progress.hpp"
#include "sim/config/design_file.hpp"
#include "sim/workload/model_phases.hpp"

namespace subbyte::sim::bitmod {
namespace {

/// The core in whose place an accelerator stands, and the format of its weights.
struct Machine {
  std::string design;
  std::vector<Setting> settings;
  std::string format;
};

/// ANT and OliVe are modelled by their authors as multipliers of FP16 and INT8 with weights of some bits; here they are
/// integers of the nearest width.
std::string integer_format(double bits) { return fmt::format("int{}:g128:scale=u8", std::lround(bits)); }

/// A decode step has the array of half as many tokens and twice as many outputs, as the published one.
std::vector<Setting> array_of(bool decode, bool olive) {
  const auto setting = [](const char* key, const char* value) { return Setting{key, value, "reproduce bitmod"}; };
  std::vector<Setting> settings;
  if (olive) settings.push_back(setting("parameters.rows", "6"));  // 36 x 32 PEs
  if (olive) settings.push_back(setting("core.tile_rows", decode ? "3" : "6"));
  if (decode && !olive) settings.push_back(setting("core.tile_rows", "2"));
  if (decode) settings.push_back(setting("core.tile_cols", "8"));
  return settings;
}

Machine machine_of(std::size_t row, double bits) {
  const std::string_view name = kRows[row].accelerator.name;
  const std::vector<Setting> array = array_of(kRows[row].decode, name == "OliVe");
  if (name == "FP16") return {"fp16-core-24x32", array, "int8:g128"};  // decoded to FP16 before it is stored
  if (name != "BitMoD") return {"figna-core-32x32", array, integer_format(bits)};
  const std::string format = bits < 4 ? "bitmod-fp3" : bits < 5 ? "bitmod-fp4" : "int6";
  return {"bitmod-core-32x32", array, format + ":g128:scale=u8"};
}

CoreCost run_row(const ModelShape& shape, std::size_t row, double bits) {
  constexpr std::size_t kContext = 256;
  const std::size_t tokens = kRows[row].decode ? 1 : kContext;
  const Machine machine = machine_of(row, bits);
  Phase phase;
  for (const WorkloadLayer& layer : linear_layers(shape))
    phase.layers.push_back(
        {layer.name, quant::parse_format(machine.format), {{{tokens, layer.rows, layer.cols}, layer.count}}});
  // The cache has 8 bits, but for FP16; a value's scale is multiplied into the attention weights.
  for (const AttentionProduct& product : attention_products(shape, kContext))
    phase.layers.push_back(
        {product.name,
         quant::parse_format(product.name == "attn_qk" ? "int8:g128" : "int8:gchannel"),
         {{{tokens * product.queries, product.rows, product.cols}, product.count * product.kv_heads}},
         LayerKind::kAttention});
  PhaseWork work;
  work.title = shape.name;
  work.phases.push_back(std::move(phase));
  return run_phases(read_design(machine.design, machine.settings), work).front().total();
}

/// The share of some causes in percent.
double share(const CoreCost& row, std::initializer_list<kernels::CoreCause> causes) {
  std::uint64_t cycles = 0;
  for (const kernels::CoreCause cause : causes) cycles += row.counts[cause];
  return 100 * static_cast<double>(cycles) / static_cast<double>(row.cycles());
}

}  // namespace

CoreRows run_on_cores(std::span<const ModelShape> shapes) {
  CoreRows rows;
  Job job("running the points on cores", static_cast<double>(kRows.size() * shapes.size()));
  for (std::size_t r = 0; r < kRows.size(); ++r)
    for (std::size_t m = 0; m < shapes.size(); ++m) {
      job.at(fmt::format("{}, {}", kRows[r].name, kModels[m].title));
      rows[r][m] = run_row(shapes[m], r, kRows[r].head_bits[m]);
      job.advance();
    }
  return rows;
}

void add_core_cycles(Reproduced& result, std::span<const ModelShape> shapes, const CoreRows& rows) {
  reports::Table table{
      "The same points on our cores",
      {{"point", "", ""},
       {"published", "cycles", "simulator of July 2025", 10},
       {"ours", "cycles", "model", 10},
       {"ratio", "times", "derived", 3},
       {"work", "%", "derived", 3},
       {"fill, gaps, drain", "%", "derived", 3},
       {"memory", "%", "derived", 3},
       {"published bytes", "MiB", "", 4},
       {"our bytes", "MiB", "derived", 4}},
      {},
      "All linear layers and attention, from `fast`; norms, softmax and what else a vector unit does are left out, as "
      "in the published figures. Work is cycles in which tiles have a chunk; fill, "
      "gaps and drain are those in which a step of the loop nest begins, reads metadata alone or ends; "
      "memory is the rest, with latency, bursts, turns and the last write. The published simulator has "
      "neither of the last two beside the bytes, takes the larger of compute and bytes for each layer, "
      "and writes results as FP16, ours as FP32."};
  constexpr double kMib = 1 << 20;
  for (std::size_t r = 0; r < kRows.size(); ++r) {
    for (std::size_t m = 0; m < kModels.size(); ++m) {
      const CoreCost& row = rows[r][m];
      std::uint64_t cycles = 0, bytes = 0;
      for (const PaperLayer& layer : paper_layers(shapes[m], paper_configuration(kRows[r], m, PaperVersion::kHead))) {
        cycles += layer.count * layer.cycles();
        bytes += layer.count * layer.dram_bytes;
      }
      const double work = share(row, {kernels::kWork});
      const double ends = share(row, {kernels::kFill, kernels::kGap, kernels::kDrain});
      table.rows.push_back({fmt::format("{}, {}", kRows[r].name, kModels[m].title), cycles, row.cycles(),
                            static_cast<double>(row.cycles()) / static_cast<double>(cycles), work, ends,
                            100 - work - ends, static_cast<double>(bytes) / kMib,
                            static_cast<double>(row.traffic.total()) / kMib});
    }
  }
  result.record.tables.push_back(std::move(table));
}

}  // namespace subbyte::sim::bitmod
