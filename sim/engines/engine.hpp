// Engines are the ways to answer what a unit does with a stimulus. They stand in one table, and every engine gives a
// Trace. An engine is opened once with its options, and then runs any number of stimuli of any units.
#pragma once

#include <filesystem>
#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/contract/unit.hpp"

namespace subbyte::sim {

struct EngineOptions {
  /// SystemVerilog sources that `rtl` and `netlist` take instead of the tree's own; when empty, the tree's.
  std::filesystem::path rtl_dir;
  std::string technology = "osu018";  ///< for `netlist`: a name of configs/technologies or a Liberty file
};

/// What an opened engine does; several threads may call it at once.
using EngineRunner = std::function<kernels::Trace(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                                                  const kernels::Stimulus& stimulus, kernels::TraceWindow window)>;

/// Builds what a run at these parameters needs and what is not there yet (Verilated RTL, a netlist), so that the run
/// that follows has the time of the run alone. Throws as that run would.
using EnginePreparation = std::function<void(const kernels::UnitInfo& unit, const kernels::Parameters& parameters)>;

struct EngineFunctions {
  EngineRunner run;
  EnginePreparation prepare = {};  ///< empty: there is nothing to build
};

struct Engine {
  std::string_view name;
  bool bits;   ///< whether its beats carry data; otherwise they are zeros and only their cycles count
  bool timed;  ///< whether its traces carry cycles
  /// Reads what the options name and finds the tools that it needs. Throws InputError for what is not there.
  EngineFunctions (*open)(const EngineOptions& options);
};

/// An engine with its options. Copies share what was opened.
class OpenEngine {
 public:
  OpenEngine(const Engine& engine, const EngineOptions& options) : engine_(&engine), functions_(engine.open(options)) {}

  std::string_view name() const { return engine_->name; }
  bool bits() const { return engine_->bits; }
  bool timed() const { return engine_->timed; }
  kernels::Trace run(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                     const kernels::Stimulus& stimulus, kernels::TraceWindow window = {}) const {
    return functions_.run(unit, parameters, stimulus, window);
  }
  void prepare(const kernels::UnitInfo& unit, const kernels::Parameters& parameters) const {
    if (functions_.prepare) functions_.prepare(unit, parameters);
  }

 private:
  const Engine* engine_;
  EngineFunctions functions_;
};

/// The table holds golden, fast, systemc, rtl and netlist. `fast` runs tiles alone and throws std::invalid_argument,
/// which names the alternative, for other units.
const std::vector<Engine>& engines();
/// Throws InputError that names the engines and the nearest one, but for those in `unsuited`.
const Engine& engine(std::string_view name, std::initializer_list<std::string_view> unsuited = {});
/// Reads a list such as "golden,systemc,rtl", in which each engine stands at most once. Throws InputError as engine().
std::vector<const Engine*> parse_engines(const std::string& list,
                                         std::initializer_list<std::string_view> unsuited = {});
/// The names of engines, in their order.
std::vector<std::string> names_of(std::span<const Engine* const> engines);
/// Whether one of these names is among the engines.
bool has_engine(std::span<const Engine* const> engines, std::initializer_list<std::string_view> names);
/// Calls ask(i) for every engine. `rtl` runs beside the others, which follow each other, so that the host time of one
/// says something. Throws what the first of them threw.
void for_engines(const std::vector<OpenEngine>& engines, const std::function<void(std::size_t engine)>& ask);
/// Opens each with the same options. Throws InputError.
std::vector<OpenEngine> open_engines(const std::vector<const Engine*>& engines, const EngineOptions& options = {});

}  // namespace subbyte::sim
