// What `subbyte evaluate` prints: one JSON object, and the tables made from it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>

#include "reports/record.hpp"
#include "sim/llm/evaluate.hpp"
#include "sim/llm/evaluate_layers.hpp"
#include "sim/llm/loss_details.hpp"

namespace subbyte::sim {

/// A format that the model, or the design, cannot be evaluated with.
struct LeftOut {
  std::string format, why;
};

/// What was evaluated, for results.
struct EvaluateSettings {
  std::string text;
  std::string tokenizer;                          ///< empty: token ids were given
  std::string cut;                                ///< "stories" or "streaming"
  std::vector<std::size_t> sequence_tokens = {};  ///< predicted tokens of each sequence
  std::vector<LossShare> shares = {};
  std::vector<LeftOut> left_out = {};  ///< of `--format all`
  std::string activation_format;
  std::string arithmetic;  ///< "exact dot product", or the design's name
  std::string design_hash;
};

nlohmann::ordered_json evaluate_json(const LlamaForward& forward, const EvaluateSettings& settings,
                                     std::span<const PackedModel> models, const EvaluateResult& result);

/// First the formats, then per format its layers, and its sensitivity where it was measured; last the sequences.
reports::Record evaluate_record(const nlohmann::ordered_json& result);

}  // namespace subbyte::sim
