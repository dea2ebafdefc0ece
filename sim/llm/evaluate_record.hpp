// What `subbyte evaluate` prints: one JSON object, and the tables made from it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>

#include "reports/record.hpp"
#include "sim/llm/evaluate.hpp"
#include "sim/llm/evaluate_layers.hpp"

namespace subbyte::sim {

/// What was evaluated, for results.
struct EvaluateSettings {
  std::string text;
  std::string tokenizer;  ///< empty: token ids were given
  std::string cut;        ///< "stories" or "streaming"
  std::size_t sequences = 0;
  std::string activation_format;
  std::string arithmetic;  ///< "exact dot product", or the design's name
  std::string design_hash;
};

nlohmann::ordered_json evaluate_json(const LlamaForward& forward, const EvaluateSettings& settings,
                                     std::span<const PackedModel> models, const EvaluateResult& result);

/// First the formats, then per format its layers, and its sensitivity where it was measured.
reports::Record evaluate_record(const nlohmann::ordered_json& result);

}  // namespace subbyte::sim
