// Engines: the ways to answer what a unit does with a stimulus. One table; every engine gives a Trace.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/contract/unit.hpp"

namespace subbyte::sim {

struct EngineOptions {
  /// SystemVerilog sources for `rtl` instead of the tree's own; empty: the tree's. For `netlist` too
  std::filesystem::path rtl_dir;
  std::string technology = "osu018";  ///< of `netlist`: a name of configs/technologies or a Liberty file
};

struct Engine {
  std::string_view name;
  std::string_view summary;
  bool bits;   ///< its beats carry data; else they are zeros and only their cycles count
  bool timed;  ///< its traces carry cycles
  kernels::Trace (*run)(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                        const kernels::Stimulus& stimulus, kernels::TraceWindow window, const EngineOptions& options);
};

/// golden, fast, systemc, rtl, netlist. `fast` runs tiles alone (std::invalid_argument naming the
/// alternative).
const std::vector<Engine>& engines();
/// Throws InputError naming the engines and the nearest one.
const Engine& engine(std::string_view name);
/// "golden,systemc,rtl" to engines, each at most once. Throws InputError.
std::vector<const Engine*> parse_engines(const std::string& list);

}  // namespace subbyte::sim
