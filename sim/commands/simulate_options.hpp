// The options of `subbyte simulate`.
#pragma once

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/commands/options.hpp"
#include "sim/config/design.hpp"
#include "sim/engines/engine.hpp"
#include "sim/workload/layer_inputs.hpp"
#include "sim/workload/model_phases.hpp"

namespace subbyte::sim {

struct SimulateCommand {
  std::string weights, format;  ///< packed file, or format or policy: one of them
  std::string layer;            ///< empty: the first quantized one
  ActivationQuery activations;
  bool seed_given = false;            ///< then some activations must be drawn
  std::optional<std::string> layers;  ///< a pattern or "all"; nothing: one layer
  std::optional<Design> design;       ///< always there
  std::optional<PhaseWork> shapes;    ///< what runs in place of weights: a model's shape, or one product
  std::vector<const Engine*> engines;
  EngineOptions engine_options;
  bool values() const { return std::ranges::any_of(engines, &Engine::bits); }  ///< whether an engine gives them
  std::optional<std::string> model, out, waves, timeline;
  bool synth = false, energy = false, zero_delay = false;
  std::optional<std::string> technology;  ///< nothing: the design's
  bool clock_unchecked = false;           ///< a clock that is known to be missed is no error
  std::optional<std::string> record;
  bool json = false, verbose = false;
};

/// Reads the options; the result is empty when --help was given. Throws InputError, and as the readers of designs do.
std::optional<SimulateCommand> read_simulate(Arguments args);

}  // namespace subbyte::sim
