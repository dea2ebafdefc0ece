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

/// The table: golden, fast, systemc, rtl, netlist. `fast` runs tiles alone and throws std::invalid_argument, naming the
/// alternative, for other units.
const std::vector<Engine>& engines();
/// Throws InputError naming the engines and the nearest one.
const Engine& engine(std::string_view name);
/// Reads a list such as "golden,systemc,rtl", in which each engine stands at most once. Throws InputError.
std::vector<const Engine*> parse_engines(const std::string& list);

}  // namespace subbyte::sim
