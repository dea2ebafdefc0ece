// `subbyte units`: the catalogue of hardware units.
#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "kernels/catalogue.hpp"
#include "kernels/contract/unit.hpp"
#include "reports/text.hpp"
#include "sim/commands/command.hpp"

namespace subbyte::sim {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kNotes = R"(
Every unit is listed with what it does, its parameters (name, default, range, meaning) and the
points that `subbyte verify` covers when no parameters are named.

JSON:
  {"units":[{"name","summary","case_is","combinational","has_config","rtl",
             "parameters":[{"name","rtl_name","default","min","max","summary"}],
             "points":[{PARAMETER: value}], "small_point":{PARAMETER: value},
             "beats":{"input_bits","output_bits"}, and of a combinational unit
             "element":{"count","parameters","input_bits","output_fields":[bits]}}],
   "machines":[the same of machines, which are composed of units and memories]}
"rtl" says whether the unit is there in SystemVerilog. The small point is the one of proofs and
mutants, and the widths of beats are those at this point. An element is the unit with its first
parameter at the minimum; "count" of them are the default point.
)";

/// What a combinational unit repeats: its first parameter says how often.
Json element_json(const kernels::UnitInfo& unit) {
  const kernels::ParameterSpec& repeated = unit.parameters.at(0);
  const kernels::Parameters one = kernels::element_point(unit);
  Json fields = Json::array();
  const kernels::BeatShape output = unit.output_shape(one);
  for (const kernels::Field& field : output.fields()) fields.push_back(field.bits * field.count);
  return {{"count", repeated.default_value / repeated.min},
          {"parameters", one},
          {"input_bits", unit.input_shape(one).bits()},
          {"output_fields", fields}};
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
  const kernels::Parameters small = kernels::resolve(unit, unit.small_point);
  Json object{
      {"name", unit.name},
      {"summary", unit.summary},
      {"case_is", unit.case_is},
      {"combinational", unit.combinational},
      {"has_config", unit.has_config},
      {"rtl", unit.rtl},
      {"parameters", parameters},
      {"points", points},
      {"small_point", small},
      {"beats", {{"input_bits", unit.input_shape(small).bits()}, {"output_bits", unit.output_shape(small).bits()}}}};
  if (unit.combinational) object["element"] = element_json(unit);
  return object;
}

std::string unit_text(const kernels::UnitInfo& unit) {
  reports::TerminalText lines(false);
  lines.line(fmt::format("{}: {} (a case is {})", unit.name, unit.summary, unit.case_is));
  for (const kernels::ParameterSpec& spec : unit.parameters) {
    lines.line(
        fmt::format("  {:<14} {:>6}  [{}..{}]  {}", spec.name, spec.default_value, spec.min, spec.max, spec.summary),
        25);
  }
  for (std::size_t i = 0; i < unit.points.size(); ++i) {
    std::string text;
    for (const auto& [name, value] : unit.points[i]) text += fmt::format(" {}={}", name, value);
    lines.line(fmt::format("  verified point {}:{}", i, text.empty() ? " defaults" : text), 4);
  }
  return lines.text();
}

}  // namespace

int run_units(Arguments args) {
  bool json = false;
  Options options("units [--json]", json);
  options.notes(kNotes);
  if (!options.parse(args)) return kDone;
  if (json) {
    Json units = Json::array();
    for (const kernels::UnitInfo& unit : kernels::units()) units.push_back(unit_json(unit));
    Json machines = Json::array();
    for (const kernels::UnitInfo& machine : kernels::machines()) machines.push_back(unit_json(machine));
    print_json({{"units", units}, {"machines", machines}});
    return kDone;
  }
  for (const kernels::UnitInfo& unit : kernels::units()) std::cout << unit_text(unit);
  for (const kernels::UnitInfo& machine : kernels::machines()) std::cout << unit_text(machine);
  return kDone;
}

}  // namespace subbyte::sim
