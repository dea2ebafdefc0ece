// Says what a unit is given when its energy is asked for, and how much work a beat of it is.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kernels/contract/stimulus.hpp"
#include "kernels/contract/unit.hpp"
#include "sim/energy/energy.hpp"
#include "sim/mapping/mapping.hpp"
#include "sim/workload/layer_inputs.hpp"

namespace subbyte::sim {

/// What a command names: a layer for a unit that takes whole layers (sim/mapping/mapping.hpp), else a format.
struct OperandNames {
  std::string format = "int4";     ///< unless `weights` is given; of layers a policy too
  std::string weights = {};        ///< packed file
  std::string model = "embedded";  ///< whose layer `format` quantizes
  std::string layer = {};          ///< empty: the first quantized one
  ActivationQuery activations = {};
  bool random = false;  ///< the layer's scales and activations with uniformly random codes
};

/// The format of operands where nobody named one: int4 where the unit runs it, and else the first of the format table
/// that it runs.
std::string default_format(const kernels::UnitInfo& unit, const kernels::Parameters& parameters);

/// What the names stand for: one of `source` and `format`.
struct OperandQuery {
  std::shared_ptr<const LayerSource> source = {};  ///< for a unit that takes whole layers
  const WorkloadLayer* layer = nullptr;            ///< of `source`
  std::optional<quant::Format> format = {};        ///< of the operands that are drawn for every other unit
  ActivationQuery activations = {};                ///< its seed is that of random codes and drawn operands as well
  bool random = false;
};

/// Opens what the unit needs. Throws InputError for names of a layer where the unit takes none, and as read_format(),
/// open_layers() and LayerSource::layer().
OperandQuery read_operands(const kernels::UnitInfo& unit, const OperandNames& names);

/// Work of one accepted input beat; 0 where it is none.
struct BeatWork {
  double macs = 0;
  /// Products of an activation and a term (or plane), or terms made; of units that are serial.
  double terms = 0;
  double weights = 0;            ///< values that are decoded, encoded or summed, of units that make no MACs
  std::string what;              ///< operands, or what the values are
  std::string piece = "weight";  ///< what one of `weights` is: "weight", "group sum", "value"
};

struct Operands {
  kernels::Stimulus stimulus;
  std::string origin;       ///< what the beats are
  std::string source = {};  ///< the same without the format
  bool of_format = true;    ///< false when the unit is given the same beats whatever the format
  std::string format;       ///< id
  bool drawn = true;        ///< whether the seed matters: values or codes were drawn from it
  /// For a layer, the MACs that it asks for divided by its beats, padding included.
  std::optional<BeatWork> layer = {};
  double terms_per_weight = 1;
  double code_entropy_bits = 0;  ///< of a layer's codes, each weight taken by itself
};

/// Throws InputError for a format or layer that does not go with the unit, LayerRefused as map_layer().
Operands operands_of(const kernels::UnitInfo& unit, const kernels::Parameters& parameters, const OperandQuery& query);

bool takes_layers(const kernels::UnitInfo& unit);

/// Throws InputError where names of a layer are given for a unit that takes none.
void refuse_layer_names(const kernels::UnitInfo& unit, const OperandNames& names);

/// Returns a text such as "1 group sum per input beat (group sums with FP16 scales)".
std::string work_text(const BeatWork& work);

/// Returns a layer's own work, or else the unit's peak over the whole cycles that a beat takes at it. Returns nothing
/// for beats that do not come at a steady rate of whole cycles, and for a unit whose work is not told.
std::optional<BeatWork> beat_work(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                                  const Operands& operands, const StreamCounts& counts);

/// Formats of the format table that the unit runs at these parameters (UnitInfo::unsupported), the one that stands for
/// the unit first.
std::vector<quant::Format> formats_of(const kernels::UnitInfo& unit, const kernels::Parameters& parameters);

}  // namespace subbyte::sim
