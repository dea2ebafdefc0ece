// A sweep as it is written: formats times variants of a design, or designs, on one workload. Nothing is computed here.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quant/formats/format.hpp"
#include "sim/config/config.hpp"
#include "sim/config/design.hpp"
#include "sim/engines/engine.hpp"
#include "sim/workload/model_phases.hpp"
#include "sim/workload/model_shape_file.hpp"
#include "sim/workload/workload.hpp"

namespace subbyte::sim {

/// The metrics that a point is judged by. A point is on the front when no other is at least as good in all and better
/// in one.
struct Objectives {
  std::vector<std::string> maximize;
  std::vector<std::string> minimize;
};

/// A model's shape, which runs on designs with a core in place of a layer.
struct SweepShapes {
  ModelShapeFile model;
  ModelPhases phases;
  nlohmann::json resolved() const;  ///< all that its products follow from
};

struct SweepPlan {
  std::string name;
  std::optional<Config> file{};         ///< as it was read: errors of what it names have their places in it
  WorkloadQuery workload;               ///< a layer; empty beside `shapes`
  std::optional<SweepShapes> shapes{};  ///< nothing: a layer runs
  bool seed_given = false;              ///< then some activations must be drawn
  std::vector<Setting> settings;        ///< of the command line, in every design: Design::settings
  std::vector<quant::Format> formats;
  std::vector<std::string> format_labels;  ///< of each: its id, or what the sweep file says where two have one id
  std::vector<Design> designs;             ///< the base design with each variant's parameters, or several designs
  std::vector<std::string> variants;       ///< label of each, for example "rows=4 cols=4", or its name
  /// For each design, its library by name, and what its figures follow from: the contents of library, RTL and synthesis
  /// scripts, and the tools. It is set by use_technologies().
  struct Silicon {
    std::string technology;
    std::string key;
    std::string remark{};  ///< what the library's figures are good for
  };
  std::vector<Silicon> silicon;
  std::vector<const Engine*> engines;  ///< those that run; all must agree
  Objectives objectives;
  /// Of every metric that an objective may name: the difference that does not count on the front, in dB (is_decibel())
  /// or as a share of the value.
  std::map<std::string, double> tolerance;
  bool energy = false;      ///< whether the joules of every point are asked for, or among the objectives
  bool zero_delay = false;  ///< whether glitches are left out of them
  /// The file as read, with the settings ("set"), the designs by their variant ("resolved_designs") and users' formats
  /// ("definitions") as what they say.
  nlohmann::json resolved;
  std::string hash;
};

/// The metrics that an objective may name; those of a point with a layer, and those of a point with a model's shape.
const std::vector<std::string>& sweep_metrics();
const std::vector<std::string>& layer_metrics();
const std::vector<std::string>& shape_metrics();
/// Returns how the names of the metrics of a whole token begin: with nothing, or with "counted_" where something of it
/// is left out. Nothing where a design has no vector unit, so that its points have matrix layers alone.
std::optional<std::string> whole_token(const SweepPlan& plan);
/// Whether a metric is a ratio in decibels, whose tolerance is in decibels too.
bool is_decibel(std::string_view metric);
/// Those of them that need the energy of a point.
const std::vector<std::string>& sweep_energy_metrics();

}  // namespace subbyte::sim
