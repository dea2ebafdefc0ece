// Says what a unit is given when its energy is asked for, and how much work a beat of it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kernels/contract/stimulus.hpp"
#include "kernels/contract/unit.hpp"
#include "sim/energy/energy.hpp"
#include "sim/mapping/mapping.hpp"

namespace subbyte::sim {

/// Asks for a layer where the unit takes whole layers (sim/mapping/mapping.hpp), and for drawn operands for every other
/// unit.
struct OperandQuery {
  std::string format = "int4";     ///< unless `weights` is given
  std::string weights = {};        ///< a packed file
  std::string model = "embedded";  ///< the model whose layer `format` quantizes
  std::string layer = {};          ///< when empty, the first quantized one
  std::string activations = {};    ///< as in LayerQuery
  std::optional<std::size_t> tokens = {};
  bool random = false;  ///< whether the layer's scales and activations come with uniformly random codes
  std::uint64_t seed = 1;
};

/// The work of one accepted input beat. A figure is 0 where the beat does no work of that kind.
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
  /// For a layer, the MACs that it asks for divided by its beats, padding included.
  std::optional<BeatWork> layer = {};
  double terms_per_weight = 1;
  double code_entropy_bits = 0;  ///< of a layer's codes, each weight taken by itself
};

/// Throws InputError for a format, file or layer that does not go with the unit, and LayerRefused as map_layer() does.
Operands operands_of(const kernels::UnitInfo& unit, const kernels::Parameters& parameters, const OperandQuery& query);

bool takes_layers(const kernels::UnitInfo& unit);

/// Returns the same without what is said of layers, for a unit that takes none.
OperandQuery without_layer(const OperandQuery& query);

/// Returns a text such as "1 group sum per input beat (group sums with FP16 scales)".
std::string work_text(const BeatWork& work);

/// Returns a layer's own work, or else the unit's peak over the whole cycles that a beat takes at it. Returns nothing
/// for beats that do not come at a steady rate of whole cycles, and for a unit whose work is not told.
std::optional<BeatWork> beat_work(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                                  const Operands& operands, const StreamCounts& counts);

/// Returns the formats of the format table that the unit runs at these parameters (UnitInfo::unsupported). The one that
/// stands for the unit comes first.
std::vector<std::string> formats_of(const kernels::UnitInfo& unit, const kernels::Parameters& parameters);

}  // namespace subbyte::sim
