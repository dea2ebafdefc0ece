#include "sim/cost/layer_provenance.hpp"

#include "sim/config/format_file.hpp"
#include "sim/mapping/mapping.hpp"

namespace subbyte::sim {

nlohmann::json layer_provenance(const Design& design, const LayerInputs& inputs) {
  return {{"design_name", design.name},
          {"design", design.resolved},
          {"design_hash", design.hash},
          {"format", inputs.weights.format.id()},
          {"format_definitions", {definition_hash(inputs.weights.format)}},
          {"layer", inputs.layer},
          {"model", inputs.model},
          {"tokens", inputs.activations.tokens},
          {"activations", inputs.origin},
          {"activation_format", activation_format(design)}};
}

}  // namespace subbyte::sim
