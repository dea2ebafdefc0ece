// `subbyte units`: the catalogue of hardware units.
#include <fmt/format.h>

#include <iostream>

#include "kernels/unit.hpp"
#include "sim/command.hpp"

namespace subbyte::sim {
namespace {

using Json = nlohmann::ordered_json;

CommandLine units_line() {
  CommandLine line;
  line.usage = "units [--json]";
  line.notes =
      "JSON: "
      "{\"units\":[{\"name\",\"summary\",\"case_is\",\"parameters\":[{\"name\",\"rtl_name\",\"default\","
      "\"min\",\"max\",\n"
      "                  \"summary\"}],\"points\":[{PARAMETER: value}]}]}; points are what `verify` covers "
      "by default.\n";
  return line;
}

Json unit_json(const kernels::UnitInfo& unit) {
  Json parameters = Json::array();
  for (const kernels::ParameterSpec& spec : unit.parameters) {
    parameters.push_back({{"name", spec.name},
                          {"rtl_name", spec.rtl_name},
                          {"default", spec.default_value},
                          {"min", spec.min},
                          {"max", spec.max},
                          {"summary", spec.summary}});
  }
  Json points = Json::array();
  for (const kernels::Parameters& point : unit.points) points.push_back(kernels::resolve(unit, point));
  return {{"name", unit.name},
          {"summary", unit.summary},
          {"case_is", unit.case_is},
          {"parameters", parameters},
          {"points", points}};
}

void print_unit(const kernels::UnitInfo& unit) {
  std::cout << fmt::format("{}: {} (a case is {})\n", unit.name, unit.summary, unit.case_is);
  for (const kernels::ParameterSpec& spec : unit.parameters) {
    std::cout << fmt::format("  {:<14} {:>6}  [{}..{}]  {}\n", spec.name, spec.default_value, spec.min,
                             spec.max, spec.summary);
  }
  for (std::size_t i = 0; i < unit.points.size(); ++i) {
    std::string text;
    for (const auto& [name, value] : unit.points[i]) text += fmt::format(" {}={}", name, value);
    std::cout << fmt::format("  verified point {}:{}\n", i, text.empty() ? " defaults" : text);
  }
}

}  // namespace

int run_units(Arguments args) {
  const auto options = parse_options(args, units_line());
  if (!options) return kDone;
  if ((*options)["json"].as<bool>()) {
    Json units = Json::array();
    for (const kernels::UnitInfo& unit : kernels::units()) units.push_back(unit_json(unit));
    print_json({{"units", units}});
    return kDone;
  }
  for (const kernels::UnitInfo& unit : kernels::units()) print_unit(unit);
  return kDone;
}

}  // namespace subbyte::sim
