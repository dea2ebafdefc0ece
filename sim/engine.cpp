#include "sim/engine.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <sstream>

#include "models/systemc.hpp"
#include "models/tile_fast.hpp"
#include "sim/config.hpp"
#include "sim/engine_netlist.hpp"
#include "sim/input_error.hpp"
#include "sim/synthesis.hpp"
#include "sim/technology.hpp"
#include "testbenches/rtl.hpp"

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
  return models::run_systemc(unit.name, parameters, stimulus, window);
}

Trace run_verilated(const UnitInfo& unit, const Parameters& parameters, const Stimulus& stimulus, TraceWindow window,
                    const EngineOptions& options) {
  testbenches::RtlOptions rtl;
  rtl.rtl_dir = options.rtl_dir.string();
  return testbenches::run_rtl(unit.name, parameters, stimulus, window, rtl);
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
  const std::string guess = nearest(name, names);
  throw InputError("", "--engine",
                   fmt::format("'{}' is not an engine, expected one of {}{}", name, fmt::join(names, ", "),
                               guess.empty() ? "" : fmt::format("; did you mean '{}'?", guess)));
}

std::vector<const Engine*> parse_engines(const std::string& list) {
  std::vector<const Engine*> chosen;
  std::istringstream words(list);
  for (std::string word; std::getline(words, word, ',');) {
    const Engine& next = engine(word);
    if (std::ranges::find(chosen, &next) != chosen.end())
      throw InputError("", "--engine", fmt::format("'{}' is given twice, expected each engine once", word));
    chosen.push_back(&next);
  }
  if (chosen.empty()) throw InputError("", "--engine", "no engine given, expected for example golden,systemc,rtl");
  return chosen;
}

}  // namespace subbyte::sim
