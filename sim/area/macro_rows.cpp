#include "sim/area/macro_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace subbyte::sim {

using Json = nlohmann::json;

std::vector<Json> macro_row(const SynthesisResult& result, const SynthesizedModule& module) {
  const bool known = module.macro.area_um2.has_value();
  const double total = module.area_um2 * static_cast<double>(module.instances);
  const auto cell = [&](double value) { return known ? Json(value) : Json(); };
  return {
      fmt::format("{} ({} x {} bits, {} macros)", module.name, module.memory->depth, module.memory->width,
                  module.macro.macros),
      module.instances,
      nullptr,
      nullptr,
      cell(module.area_um2),
      nullptr,
      cell(total),
      cell(100 * total / result.area_um2),
      nullptr,
      nullptr,
      module.macro.access_ns ? fmt::format("a word comes {:.4g} ns behind the clock", *module.macro.access_ns) : ""};
}

std::string memories_note(const SynthesisResult& result) {
  const auto memory =
      std::ranges::find_if(result.modules, [](const auto& module) { return module.memory.has_value(); });
  if (memory == result.modules.end()) return "";
  std::string note = fmt::format("\nMemories are macros: {}.", memory->macro.source);
  note += result.memories_have_area
              ? fmt::format(" They have {:.6g} um2 of the area.", result.macro_area_um2)
              : std::string(" The table has no area of them, so the total is that of the logic; --sram names another.");
  if (!result.memories_have_access)
    note += " The table has no access time of them: paths that begin there begin at the clock edge.";
  return note;
}

nlohmann::ordered_json memory_json(const SynthesizedModule& module) {
  const auto or_null = [](const std::optional<double>& value) {
    return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json();
  };
  return {{"width", module.memory->width},
          {"depth", module.memory->depth},
          {"macros", module.macro.macros},
          {"area_um2", or_null(module.macro.area_um2)},
          {"access_ns", or_null(module.macro.access_ns)},
          {"source", module.macro.source}};
}

}  // namespace subbyte::sim
