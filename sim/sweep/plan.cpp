#include "sim/sweep/plan.hpp"

#include <algorithm>

#include "sim/config/format_file.hpp"
#include "sim/workload/vector_phases.hpp"

namespace subbyte::sim {

bool is_decibel(std::string_view metric) { return metric.ends_with("_db"); }

const std::vector<std::string>& layer_metrics() {
  static const std::vector<std::string> names = {
      "sqnr_db",  "weight_sqnr_db", "bits_per_weight",     "cycles_per_token", "time_per_token_us",
      "area_um2", "area_time",      "energy_per_token_uj", "energy_delay_js",  "average_power_w"};
  return names;
}

const std::vector<std::string>& shape_metrics() {
  static const std::vector<std::string> names = {"time_to_first_token",
                                                 "time_per_output_token",
                                                 "tokens_per_s",
                                                 "counted_time_to_first_token",
                                                 "counted_time_per_output_token",
                                                 "counted_tokens_per_s",
                                                 "linear_time_to_first_token",
                                                 "linear_time_per_output_token",
                                                 "linear_tokens_per_s",
                                                 "matmul_time_to_first_token",
                                                 "matmul_time_per_output_token",
                                                 "matmul_tokens_per_s",
                                                 "prefill_utilisation",
                                                 "decode_utilisation",
                                                 "prefill_energy_per_token",
                                                 "decode_energy_per_token",
                                                 "bits_per_weight",
                                                 "lanes",
                                                 "buffer_kib"};
  return names;
}

const std::vector<std::string>& sweep_metrics() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all = layer_metrics();
    for (const std::string& name : shape_metrics())
      if (std::ranges::find(all, name) == all.end()) all.push_back(name);
    return all;
  }();
  return names;
}

std::optional<std::string> whole_token(const SweepPlan& plan) {
  const auto has_vector = [](const Design& design) { return design.core && design.core->vector; };
  if (!plan.shapes || !std::ranges::all_of(plan.designs, has_vector)) return std::nullopt;
  return not_counted(plan.shapes->model.shape, plan.shapes->phases.kv_format).empty() ? "" : "counted_";
}

nlohmann::json SweepShapes::resolved() const {
  const ModelShape& shape = model.shape;
  return {{"architecture", shape.architecture},
          {"layers", shape.layers},
          {"hidden_size", shape.hidden_size},
          {"heads", shape.heads},
          {"kv_heads", shape.kv_heads},
          {"head_dim", shape.head_dim},
          {"intermediate_size", shape.intermediate_size},
          {"vocab_size", shape.vocab_size},
          {"experts", {shape.experts, shape.experts_per_token}},
          {"rotary_dim", shape.rotary_dim},
          {"activation", shape.activation},
          {"learned_positions", shape.learned_positions},
          {"biases", {shape.biases.qkv, shape.biases.output, shape.biases.mlp, shape.biases.head}},
          {"prefill", phases.prefill},
          {"decode", phases.decode},
          {"batch", phases.batch},
          {"context", phases.context},
          {"kv_format", phases.kv_format ? describe(*phases.kv_format) : ""}};
}

const std::vector<std::string>& sweep_energy_metrics() {
  static const std::vector<std::string> names = {"energy_per_token_uj", "energy_delay_js", "average_power_w",
                                                 "prefill_energy_per_token", "decode_energy_per_token"};
  return names;
}

}  // namespace subbyte::sim
