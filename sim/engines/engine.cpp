#include "sim/engines/engine.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "models/catalogue.hpp"
#include "models/fast/tile_fast.hpp"
#include "quant/base/suggestion.hpp"
#include "sim/base/input_error.hpp"
#include "sim/base/lists.hpp"
#include "sim/cells/technology.hpp"
#include "sim/config/config.hpp"
#include "sim/engines/netlist_engine.hpp"
#include "sim/engines/rtl_engine.hpp"
#include "sim/synthesis/synthesis.hpp"

namespace subbyte::sim {
namespace {

using kernels::Parameters;
using kernels::Stimulus;
using kernels::Trace;
using kernels::TraceWindow;
using kernels::UnitInfo;

Trace run_golden(const UnitInfo& unit, const Parameters& parameters, const Stimulus& stimulus, TraceWindow window,
                 const EngineOptions&) {
  return unit.golden(parameters, stimulus, window);
}

Trace run_fast(const UnitInfo& unit, const Parameters& parameters, const Stimulus& stimulus, TraceWindow window,
               const EngineOptions&) {
  const auto known = models::fast_units();
  if (std::ranges::find(known, unit.name) == known.end()) {
    throw std::invalid_argument(
        fmt::format("engine fast has no recurrence for unit {}, only for {}; use systemc or rtl", unit.name,
                    fmt::join(known, ", ")));
  }
  const std::vector<std::uint64_t> no_data(unit.output_shape(parameters).words());
  Trace trace(no_data.size(), true, window);
  for (const std::uint64_t cycle : models::fast_output_cycles(unit.name, parameters, stimulus))
    trace.append(no_data, cycle);
  return trace;
}

Trace run_model(const UnitInfo& unit, const Parameters& parameters, const Stimulus& stimulus, TraceWindow window,
                const EngineOptions&) {
  return models::run_systemc(unit, parameters, stimulus, window);
}

Trace run_verilated(const UnitInfo& unit, const Parameters& parameters, const Stimulus& stimulus, TraceWindow window,
                    const EngineOptions& options) {
  return run_rtl(unit, parameters, stimulus, window, {.rtl_dir = options.rtl_dir});
}

Trace run_mapped(const UnitInfo& unit, const Parameters& parameters, const Stimulus& stimulus, TraceWindow window,
                 const EngineOptions& options) {
  const Technology technology = read_technology(options.technology);
  SynthesisOptions synthesis;
  synthesis.rtl = options.rtl_dir;
  return run_netlist(unit, parameters, stimulus, window,
                     map_netlist(unit.name, parameters, technology.library, synthesis).verilog, technology.library);
}

}  // namespace

const std::vector<Engine>& engines() {
  static const std::vector<Engine> table = {
      {"golden", "the golden function: bits, no cycles", true, false, run_golden},
      {"fast", "a recurrence: cycles of a tile, no bits", false, true, run_fast},
      {"systemc", "the SystemC model: bits and cycles", true, true, run_model},
      {"rtl", "the Verilated SystemVerilog: bits and cycles", true, true, run_verilated},
      {"netlist", "the RTL mapped to library cells: bits and cycles", true, true, run_mapped},
  };
  return table;
}

const Engine& engine(std::string_view name) {
  std::vector<std::string> names;
  for (const Engine& candidate : engines()) {
    if (candidate.name == name) return candidate;
    names.emplace_back(candidate.name);
  }
  throw InputError("", "--engine", fmt::format("'{}' is not an engine, {}", name, quant::expectation(name, names)));
}

std::vector<const Engine*> parse_engines(const std::string& list) {
  std::vector<const Engine*> chosen;
  for (const std::string& word : comma_list(list)) {
    const Engine& next = engine(word);
    if (std::ranges::find(chosen, &next) != chosen.end())
      throw InputError("", "--engine", fmt::format("'{}' is given twice, expected each engine once", word));
    chosen.push_back(&next);
  }
  if (chosen.empty()) throw InputError("", "--engine", "no engine given, expected for example golden,systemc,rtl");
  return chosen;
}

}  // namespace subbyte::sim
