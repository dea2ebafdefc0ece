#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sim/config/format_file.hpp"
#include "sim/config/format_text.hpp"
#include "sim/llm/evaluate_record.hpp"

namespace subbyte::sim {
namespace {

using Json = nlohmann::ordered_json;

Json score_json(const Score& score, const Score& reference) {
  return {{"nll", score.nll_per_token()},
          {"nll_difference", score.nll_per_token() - reference.nll_per_token()},
          {"nll_difference_half_width",
           score.difference_half_width(reference) ? Json(*score.difference_half_width(reference)) : Json()},
          {"perplexity", score.perplexity()},
          {"kl", score.kl_per_token()}};
}

Json distortion_json(const quant::Distortion& distortion) {
  return {{"sqnr_db", distortion.sqnr_db()}, {"mse", distortion.mse()}, {"max_error", distortion.max_error}};
}

Json selectors_json(std::span<const SelectorShare> selectors) {
  Json rows = Json::array();
  for (const SelectorShare& share : selectors) {
    rows.push_back({{"selector", share.selector},
                    {"value", share.value ? Json(*share.value) : Json()},
                    {"groups", share.groups},
                    {"weights", share.weights}});
  }
  return rows;
}

Json layer_json(const LayerQuality& layer) {
  Json row{{"name", layer.name}, {"format", layer.format}, {"rows", layer.rows}, {"cols", layer.cols}};
  row.update(distortion_json(layer.distortion));
  row["bits_per_weight"] = layer.bits_per_weight;
  row["nominal_bits_per_weight"] = layer.nominal_bits_per_weight;
  row["bytes"] = layer.bytes;
  row["special_values"] = selectors_json(layer.selectors);
  row["quantized"] = layer.quantized;
  row["worst_group_sqnr_db"] = layer.worst_group_db ? Json(*layer.worst_group_db) : Json();
  return row;
}

struct Total {
  quant::Distortion distortion;
  std::size_t bytes = 0;
  double nominal_bits = 0;
};

/// Which layers a sum is over.
enum class Part : std::uint8_t { kAll, kQuantized, kUnquantized };

Total total_of(const PackedModel& model, Part part = Part::kAll) {
  Total total;
  for (const LayerQuality& layer : model.layers) {
    if (part != Part::kAll && layer.quantized != (part == Part::kQuantized)) continue;
    total.distortion += layer.distortion;
    total.bytes += layer.bytes;
    total.nominal_bits += layer.nominal_bits_per_weight * static_cast<double>(layer.distortion.weights);
  }
  return total;
}

Json part_json(const PackedModel& model, Part part) {
  const Total total = total_of(model, part);
  const auto weights = static_cast<double>(total.distortion.weights);
  return {{"layers", std::ranges::count(model.layers, part == Part::kQuantized, &LayerQuality::quantized)},
          {"weights", total.distortion.weights},
          {"bits_per_weight", weights > 0 ? Json(8.0 * static_cast<double>(total.bytes) / weights) : Json()},
          {"bytes", total.bytes}};
}

LayerFormats formats_of(const PackedModel& model) {
  LayerFormats formats;
  for (const LayerQuality& layer : model.layers) {
    const auto packed = model.variant.weights.find(layer.name);
    formats.emplace_back(layer.name,
                         packed == model.variant.weights.end() ? std::nullopt : std::optional(packed->second.format));
  }
  return formats;
}

Json format_json(const PackedModel& model, const VariantScore& scores, const Score& reference) {
  const Total total = total_of(model);
  const auto weights = static_cast<double>(total.distortion.weights);
  const LayerFormats formats = formats_of(model);
  const auto shared = shared_definition(formats);
  Json object{{"format", model.variant.name},
              {"definition", shared ? Json(*shared) : Json()},
              {"layers_definition", layers_hash(formats)}};
  object.update(score_json(scores.score, reference));
  object.update(distortion_json(total.distortion));
  object["sequence_nll"] = scores.score.sequences;
  object["weights"] = total.distortion.weights;
  object["unquantized_layers"] = std::ranges::count(model.layers, false, &LayerQuality::quantized);
  object["split"] = {{"quantized", part_json(model, Part::kQuantized)},
                     {"unquantized", part_json(model, Part::kUnquantized)}};
  object["bits_per_weight"] = 8.0 * static_cast<double>(total.bytes) / weights;
  object["nominal_bits_per_weight"] = total.nominal_bits / weights;
  object["bytes"] = total.bytes;
  if (const auto clips = clipping_texts(formats); !clips.empty()) object["clips"] = clips;
  object["layers"] = Json::array();
  std::size_t quantized = 0;  // the scores of layers alone are those of quantized layers
  for (const LayerQuality& layer : model.layers) {
    Json row = layer_json(layer);
    row["share_of_error"] = total.distortion.noise > 0 ? layer.distortion.noise / total.distortion.noise : 0;
    if (layer.quantized && !scores.alone.empty()) row["alone"] = score_json(scores.alone[quantized], reference);
    quantized += layer.quantized ? 1 : 0;
    object["layers"].push_back(std::move(row));
  }
  return object;
}

}  // namespace

Json evaluate_json(const LlamaForward& forward, const EvaluateSettings& settings, std::span<const PackedModel> models,
                   const EvaluateResult& result) {
  Json object{{"model", forward.model().path()},
              {"text", settings.text},
              {"tokenizer", settings.tokenizer.empty() ? Json() : Json(settings.tokenizer)},
              {"cut", settings.cut},
              {"sequences", settings.sequence_tokens.size()},
              {"tokens", result.unquantized.tokens},
              {"activation_format", settings.activation_format},
              {"arithmetic", settings.arithmetic},
              {"design_hash", settings.design_hash.empty() ? Json() : Json(settings.design_hash)},
              {"sequence_tokens", settings.sequence_tokens},
              {"loss_shares", loss_shares_json(settings.shares)},
              {"unquantized",
               {{"nll", result.unquantized.nll_per_token()},
                {"perplexity", result.unquantized.perplexity()},
                {"sequence_nll", result.unquantized.sequences}}},
              {"left_out", Json::array()},
              {"formats", Json::array()}};
  for (const auto& [format, why] : settings.left_out) object["left_out"].push_back({{"format", format}, {"why", why}});
  for (std::size_t i = 0; i < models.size(); ++i)
    object["formats"].push_back(format_json(models[i], result.variants[i], result.unquantized));
  return object;
}

}  // namespace subbyte::sim
