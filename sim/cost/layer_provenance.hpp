// What every record of one layer's run says of it, on a tile or on a core, under the same names.
#pragma once

#include <nlohmann/json.hpp>

#include "sim/config/design.hpp"
#include "sim/workload/layer_inputs.hpp"

namespace subbyte::sim {

/// Returns the design with its name and hash, the format with the hash of its definition, the layer, its model, the
/// number of tokens, and where the activations are from and what the design makes of them.
nlohmann::json layer_provenance(const Design& design, const LayerInputs& inputs);

}  // namespace subbyte::sim
