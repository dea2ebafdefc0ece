#include "sim/engines/engine.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>

#include "models/catalogue.hpp"
#include "models/fast/fast_trace.hpp"
#include "quant/base/suggestion.hpp"
#include "sim/base/input_error.hpp"
#include "sim/base/lists.hpp"
#include "sim/base/parallel_for.hpp"
#include "sim/cells/technology.hpp"
#include "sim/config/word_list.hpp"
#include "sim/engines/netlist_engine.hpp"
#include "sim/engines/rtl_engine.hpp"

namespace subbyte::sim {
namespace {

using kernels::Parameters;
using kernels::Stimulus;
using kernels::Trace;
using kernels::TraceWindow;
using kernels::UnitInfo;

EngineFunctions open_golden(const EngineOptions&) {
  return {[](const UnitInfo& unit, const Parameters& parameters, const Stimulus& stimulus, TraceWindow window) {
    return unit.golden(parameters, stimulus, window);
  }};
}

Trace run_fast(const UnitInfo& unit, const Parameters& parameters, const Stimulus& stimulus, TraceWindow window) {
  const auto known = models::fast_trace_units();
  if (std::ranges::find(known, unit.name) == known.end()) {
    throw std::invalid_argument(
        fmt::format("engine fast has no recurrence for unit {}, only for {}; use systemc or rtl", unit.name,
                    fmt::join(known, ", ")));
  }
  return models::fast_trace(unit, parameters, stimulus, window);
}

EngineFunctions open_fast(const EngineOptions&) { return {run_fast}; }

EngineFunctions open_model(const EngineOptions&) { return {models::run_systemc}; }

EngineFunctions open_verilated(const EngineOptions& options) {
  const RtlOptions rtl{.rtl_dir = options.rtl_dir};
  return {[rtl](const UnitInfo& unit, const Parameters& parameters, const Stimulus& stimulus, TraceWindow window) {
            return run_rtl(unit, parameters, stimulus, window, rtl);
          },
          [rtl](const UnitInfo& unit, const Parameters& parameters) { build_rtl(unit, parameters, rtl); }};
}

EngineFunctions open_netlist(const EngineOptions& options) {
  const auto engine = std::make_shared<NetlistEngine>(read_technology(options.technology), options.rtl_dir);
  return {[engine](const UnitInfo& unit, const Parameters& parameters, const Stimulus& stimulus, TraceWindow window) {
            return engine->run(unit, parameters, stimulus, window);
          },
          [engine](const UnitInfo& unit, const Parameters& parameters) { engine->prepare(unit, parameters); }};
}

}  // namespace

const std::vector<Engine>& engines() {
  static const std::vector<Engine> table = {
      {"golden", true, false, open_golden}, {"fast", false, true, open_fast},      {"systemc", true, true, open_model},
      {"rtl", true, true, open_verilated},  {"netlist", true, true, open_netlist},
  };
  return table;
}

const Engine& engine(std::string_view name, std::initializer_list<std::string_view> unsuited) {
  std::vector<std::string> names;
  for (const Engine& candidate : engines()) {
    if (candidate.name == name) return candidate;
    if (std::ranges::find(unsuited, candidate.name) == unsuited.end()) names.emplace_back(candidate.name);
  }
  throw InputError("", "--engine", fmt::format("'{}' is not an engine, {}", name, quant::expectation(name, names)));
}

std::vector<const Engine*> parse_engines(const std::string& list, std::initializer_list<std::string_view> unsuited) {
  std::vector<const Engine*> chosen = read_each(
      "--engine", comma_list(list), [&](const std::string& word) { return &engine(word, unsuited); },
      [](const Engine* engine) { return std::string(engine->name); });
  if (chosen.empty()) throw InputError("", "--engine", "no engine given, expected for example golden,systemc,rtl");
  return chosen;
}

std::vector<std::string> names_of(std::span<const Engine* const> engines) {
  std::vector<std::string> names;
  for (const Engine* engine : engines) names.emplace_back(engine->name);
  return names;
}

bool has_engine(std::span<const Engine* const> engines, std::initializer_list<std::string_view> names) {
  return std::ranges::any_of(
      engines, [&](const Engine* engine) { return std::ranges::find(names, engine->name) != names.end(); });
}

void for_engines(const std::vector<OpenEngine>& engines, const std::function<void(std::size_t engine)>& ask) {
  std::vector<std::size_t> rtl, others;
  for (std::size_t i = 0; i < engines.size(); ++i) (engines[i].name() == "rtl" ? rtl : others).push_back(i);
  parallel_each(2, 2, [&](std::size_t part) {
    for (const std::size_t i : part == 0 ? others : rtl) ask(i);
  });
}

std::vector<OpenEngine> open_engines(const std::vector<const Engine*>& engines, const EngineOptions& options) {
  std::vector<OpenEngine> opened;
  for (const Engine* engine : engines) opened.emplace_back(*engine, options);
  return opened;
}

}  // namespace subbyte::sim
