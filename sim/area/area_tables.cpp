// The same results as tables for people and as JSON for programs.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sim/area/area.hpp"
#include "sim/area/macro_rows.hpp"

namespace subbyte::sim {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

constexpr const char* kFormatsNote =
    "MAC/cycle = rows * cols * lanes / terms (peak).\nPublished: tile of HPCA'25 Table X at the same terms, "
    "PEs and encoder only, "
    "without column accumulators and side data, which our tile includes.";

std::string area_source(const SynthesisTools& tools, const CellLibrary& library) {
  return fmt::format("{}, {}", tools.yosys, library.name);
}

Json delay(const std::optional<TimingPath>& path) { return path ? Json(path->delay_ns) : Json(nullptr); }

std::string ends(const TimingPath& path) {
  return path.from.empty() ? "" : fmt::format("{} -> {}", path.from, path.to);
}

reports::Table module_table(const SynthesisResult& result, const CellLibrary& library) {
  const std::string area = area_source(result.tools, library);
  const std::string path(kPathSource);
  reports::Table table;
  table.title = fmt::format("{} ({})", result.unit->name, kernels::parameters_text(result.parameters, " "));
  table.columns = {{"module", "", "rtl"},         {"instances", "", "rtl"},
                   {"cells", "", area},           {"flip-flops", "", area},
                   {"area each", "um2", area, 6}, {"area each", "GE", "derived", 5},
                   {"area", "um2", "derived", 6}, {"share", "%", "derived", 3},
                   {"path", "ns", path, 4},       {"register path", "ns", path, 4},
                   {"worst path", "", path}};
  for (const SynthesizedModule& module : result.modules) {
    if (module.memory) {
      table.rows.push_back(macro_row(result, module));
      continue;
    }
    const double total = module.area_um2 * static_cast<double>(module.instances);
    table.rows.push_back(
        {module.name == result.unit->name && result.modules.size() > 1 ? module.name + " (own logic)" : module.name,
         module.instances, module.cells, module.flip_flops, module.area_um2, module.gate_equivalents, total,
         100 * total / result.area_um2, delay(module.path), delay(module.register_path),
         module.path ? ends(*module.path) : ""});
  }
  table.rows.push_back(
      {"total", nullptr, result.cells, nullptr, nullptr, nullptr, result.area_um2, 100.0, nullptr, nullptr, ""});
  table.note =
      fmt::format("{:.6g} GE in all (area / smallest NAND2). {}\nPaths: {}; {}.{}", result.gate_equivalents,
                  clock_met(result, result.clock_mhz).text, path, result.tools.conventions, memories_note(result));
  return table;
}

reports::Table composed_table(const SynthesisResult& result) {
  const std::string path(kPathSource);
  reports::Table table;
  table.title = fmt::format("{}: paths across modules, whole netlist at {}", result.unit->name,
                            kernels::parameters_text(result.composed_parameters, " "));
  table.columns = {{"ends in", "", "rtl"}, {"path", "ns", path, 4}, {"worst path", "", path}};
  table.rows.push_back({"anywhere", result.composed_path->delay_ns, ends(*result.composed_path)});
  for (const auto& [module, worst] : result.composed_ends) table.rows.push_back({module, worst.delay_ns, ends(worst)});
  table.note = "Fan-out of the broadcasts is that of the small array.";
  return table;
}

reports::Table format_table(const std::vector<FormatArea>& areas) {
  reports::Table table;
  table.title = "Area per MAC/cycle";
  table.columns = {{"format", "", "quant"},
                   {"terms", "", "quant"},
                   {"MAC/cycle", "", "derived", 4},
                   {"tile", "um2", "derived", 5},
                   {"baseline", "um2", "derived", 5},
                   {"ratio", "", "derived", 3},
                   {"published", "", "table: HPCA'25 Table X", 3}};
  for (const FormatArea& area : areas) {
    table.rows.push_back({area.format, area.terms, area.tile_macs_per_cycle, area.tile_um2_per_mac,
                          area.baseline_um2_per_mac, area.ratio,
                          area.published_ratio ? Json(*area.published_ratio) : Json(nullptr)});
  }
  table.note = kFormatsNote;
  return table;
}

void add_cross_check(reports::Table& table, const std::string& what, const std::optional<TimingPath>& ours,
                     const std::optional<TimingPath>& sta) {
  if (!ours || !sta) return;
  table.rows.push_back({what, ours->delay_ns, sta->delay_ns, 100 * (ours->delay_ns / sta->delay_ns - 1)});
}

/// The table has no rows where sta was not asked.
reports::Table cross_check_table(const SynthesisResult& result) {
  reports::Table table;
  table.title = result.unit->name + ": paths beside Debian's sta";
  table.columns = {{"path", "", "rtl"},
                   {"ours", "ns", std::string(kPathSource), 6},
                   {"sta", "ns", result.tools.sta, 6},
                   {"difference", "%", "derived", 3}};
  for (const SynthesizedModule& module : result.modules) {
    add_cross_check(table, module.name, module.path, module.sta_path);
    add_cross_check(table, module.name + ", register to register", module.register_path, module.sta_register_path);
  }
  add_cross_check(table, "across modules", result.composed_path, result.sta_composed_path);
  return table;
}

OrderedJson path_json(const std::optional<TimingPath>& path) {
  if (!path) return nullptr;
  return {{"delay_ns", path->delay_ns}, {"from", path->from}, {"to", path->to}};
}

OrderedJson module_json(const SynthesizedModule& module) {
  return {{"name", module.name},
          {"module", module.module},
          {"rtl_parameters", module.rtl_parameters},
          {"instances", module.instances},
          {"cells", module.cells},
          {"flip_flops", module.flip_flops},
          {"area_um2", module.area_um2},
          {"gate_equivalents", module.gate_equivalents},
          {"path", path_json(module.path)},
          {"register_path", path_json(module.register_path)},
          {"sta_path", path_json(module.sta_path)},
          {"sta_register_path", path_json(module.sta_register_path)},
          {"cells_by_type", module.cells_by_type},
          {"memory", module.memory ? memory_json(module) : OrderedJson()}};
}

OrderedJson unit_json(const SynthesisResult& result) {
  OrderedJson modules = OrderedJson::array();
  for (const SynthesizedModule& module : result.modules) modules.push_back(module_json(module));
  OrderedJson composed = nullptr;
  if (result.composed_path) {
    OrderedJson by_module = OrderedJson::object();
    for (const auto& [module, path] : result.composed_ends) by_module[module] = path_json(path);
    composed = {{"parameters", result.composed_parameters},
                {"worst", path_json(result.composed_path)},
                {"sta_worst", path_json(result.sta_composed_path)},
                {"ends_in", by_module}};
  }
  const ClockCheck clock = clock_met(result, result.clock_mhz);
  return {
      {"unit", result.unit->name},
      {"parameters", result.parameters},
      {"cells", result.cells},
      {"area_um2", result.area_um2},
      {"gate_equivalents", result.gate_equivalents},
      {"macro_area_um2", result.memories_have_area ? OrderedJson(result.macro_area_um2) : OrderedJson()},
      {"modules", modules},
      {"composed_path", composed},
      {"clock", {{"mhz", result.clock_mhz}, {"met", clock.met}, {"path_ns", clock.path_ns}, {"where", clock.where}}}};
}

}  // namespace

reports::Table published_table(const std::vector<PublishedFigure>& figures) {
  reports::Table table;
  table.title = "Beside published figures";
  table.columns = {{"figure", "", ""}, {"ours", "", "derived", 3}, {"published", "", "table", 3}, {"source", "", ""}};
  for (const PublishedFigure& figure : figures) {
    table.rows.push_back({figure.name, figure.ours, figure.published, figure.source});
    table.note += fmt::format("\n{}: {}.", figure.name, figure.remark);
  }
  return table;
}

OrderedJson tools_json(const SynthesisTools& tools) {
  return {{"yosys", tools.yosys},
          {"sta", tools.sta.empty() ? OrderedJson(nullptr) : OrderedJson(tools.sta)},
          {"paths_from", kPathSource},
          {"abc_script", tools.abc_script},
          {"script_hash", tools.script_hash},
          {"conventions", tools.conventions}};
}

OrderedJson library_json(const CellLibrary& library) {
  const LibertyCell& nand2 = smallest_nand2(library);
  return {{"file", library.path.string()},  {"name", library.name},
          {"hash", library.hash},           {"corner", library.corner},
          {"voltage_v", library.voltage_v}, {"temperature_c", library.temperature_c},
          {"process", library.process},     {"nand2", nand2.name},
          {"nand2_um2", nand2.area}};
}

OrderedJson published_json(const std::vector<PublishedFigure>& figures) {
  OrderedJson rows = OrderedJson::array();
  for (const PublishedFigure& figure : figures) {
    rows.push_back({{"name", figure.name},
                    {"ours", figure.ours},
                    {"published", figure.published},
                    {"source", figure.source},
                    {"remark", figure.remark}});
  }
  return rows;
}

reports::Record synth_record(std::span<const SynthesisResult> results, const CellLibrary& library) {
  reports::Record record;
  record.title = "Synthesis in " + corner_text(library);
  record.kind = "synth";
  record.provenance["library"] = library_json(library);
  for (const SynthesisResult& result : results) {
    record.provenance["tools"] = tools_json(result.tools);
    record.provenance["clock_mhz"] = result.clock_mhz;
    record.metrics.push_back(
        {result.unit->name + " area", "area", "um2", result.area_um2, area_source(result.tools, library)});
    record.tables.push_back(module_table(result, library));
    if (result.modules.size() > 1)
      record.treemaps.push_back(
          {"Area by module of " + result.unit->name, record.tables.size() - 1, 0, 6, reports::kNoColumn});
    if (result.composed_path) record.tables.push_back(composed_table(result));
    if (const reports::Table table = cross_check_table(result); !table.rows.empty()) record.tables.push_back(table);
  }
  const SynthesisResult* tile = result_of(results, "bitserial_tile");
  const SynthesisResult* baseline = result_of(results, kBaselineUnit);
  if (tile != nullptr && baseline != nullptr) record.tables.push_back(format_table(format_areas(*tile, *baseline)));
  const std::vector<PublishedFigure> published = published_figures(results);
  if (!published.empty()) record.tables.push_back(published_table(published));
  return record;
}

OrderedJson synth_json(std::span<const SynthesisResult> results, const CellLibrary& library) {
  OrderedJson units = OrderedJson::array();
  for (const SynthesisResult& result : results) units.push_back(unit_json(result));
  OrderedJson formats = OrderedJson::array();
  const SynthesisResult* tile = result_of(results, "bitserial_tile");
  const SynthesisResult* baseline = result_of(results, kBaselineUnit);
  if (tile != nullptr && baseline != nullptr) {
    for (const FormatArea& area : format_areas(*tile, *baseline)) {
      formats.push_back(
          {{"format", area.format},
           {"terms", area.terms},
           {"tile_macs_per_cycle", area.tile_macs_per_cycle},
           {"tile_um2_per_mac", area.tile_um2_per_mac},
           {"baseline_um2_per_mac", area.baseline_um2_per_mac},
           {"ratio", area.ratio},
           {"published_ratio", area.published_ratio ? OrderedJson(*area.published_ratio) : OrderedJson(nullptr)}});
    }
  }
  return {{"library", library_json(library)},
          {"tools", results.empty() ? OrderedJson(nullptr) : tools_json(results.front().tools)},
          {"units", units},
          {"formats", formats},
          {"published", published_json(published_figures(results))}};
}

}  // namespace subbyte::sim
