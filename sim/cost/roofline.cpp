#include "sim/cost/roofline.hpp"

#include <cmath>
#include <limits>

#include "quant/base/float16.hpp"

namespace subbyte::sim {

Traffic traffic_of(const Design& design, const quant::PackedTensor& weights, std::size_t tokens) {
  const TileLoop loop = tile_loop(design, weights, tokens);
  const std::uint64_t row_bytes = weights.bytes() / weights.rows;
  const std::uint64_t token_bytes = loop.int8_activations ? loop.in + 4 : loop.in * 2;
  const std::uint64_t activation_bytes = tokens * token_bytes;
  const bool weights_stay = row_bytes * loop.cols <= static_cast<std::uint64_t>(design.memory.weight_buffer_kib) * 1024;
  const bool activations_stay =
      activation_bytes <= static_cast<std::uint64_t>(design.memory.activation_buffer_kib) * 1024;
  Traffic traffic;
  traffic.weight_bytes = weights.bytes() * (weights_stay ? 1 : loop.token_tiles());
  traffic.activation_bytes = activation_bytes * (activations_stay ? 1 : loop.output_tiles());
  traffic.output_bytes = tokens * loop.out * 4;
  return traffic;
}

LayerTime layer_time(const Design& design, std::uint64_t cycles, const Traffic& traffic) {
  return {static_cast<double>(cycles) / (design.clock_mhz * 1e6),
          static_cast<double>(traffic.total()) / (design.memory.bandwidth_gb_per_s * 1e9)};
}

RooflinePoint roofline_point(const Design& design, const quant::PackedTensor& weights, std::size_t tokens,
                             std::uint64_t cycles) {
  const TileLoop loop = tile_loop(design, weights, tokens);
  const Traffic traffic = traffic_of(design, weights, tokens);
  const double macs = static_cast<double>(tokens * loop.in) * static_cast<double>(loop.out);
  return {macs, static_cast<double>(traffic.total()), macs / layer_time(design, cycles, traffic).seconds(),
          static_cast<double>(loop.rows * loop.cols * loop.lanes) / lane_cycles_per_weight(design, weights) *
              design.clock_mhz * 1e6,
          design.memory.bandwidth_gb_per_s * 1e9};
}

double utilisation(const Design& design, const quant::PackedTensor& weights, std::size_t tokens, std::uint64_t cycles) {
  const TileLoop loop = tile_loop(design, weights, tokens);
  const double work = lane_cycles_per_weight(design, weights);
  const auto offered = static_cast<double>(cycles) * static_cast<double>(loop.rows * loop.cols * loop.lanes);
  return work * static_cast<double>(tokens * loop.in) * static_cast<double>(loop.out) / offered;
}

std::vector<reports::Metric> layer_metrics(const Design& design, const quant::PackedTensor& weights, std::size_t tokens,
                                           std::uint64_t cycles, const std::string& cycle_source) {
  const Traffic traffic = traffic_of(design, weights, tokens);
  const LayerTime time = layer_time(design, cycles, traffic);
  const RooflinePoint roofline = roofline_point(design, weights, tokens, cycles);
  const auto count = [](auto value) { return static_cast<double>(value); };
  return {
      {"cycles", "time", "cycles", count(cycles), cycle_source},
      {"cycles_per_token", "time", "cycles/token", count(cycles) / count(tokens), cycle_source},
      {"compute_time", "time", "s", time.compute_s, "derived"},
      {"memory_time", "time", "s", time.memory_s, "derived"},
      {"layer_time", "time", "s", time.seconds(), "derived"},
      {"tokens_per_s", "rate", "tokens/s", count(tokens) / time.seconds(), "derived"},
      {"weight_traffic", "data", "bytes", count(traffic.weight_bytes), "derived"},
      {"activation_traffic", "data", "bytes", count(traffic.activation_bytes), "derived"},
      {"output_traffic", "data", "bytes", count(traffic.output_bytes), "derived"},
      {"utilisation", "ratio", "", utilisation(design, weights, tokens, cycles), "derived"},
      {"bits_per_weight", "data", "bits", weights.bits_per_weight(), "derived"},
      {"arithmetic_intensity", "ratio", "MAC/byte", roofline.intensity(), "derived"},
      {"attained_rate", "rate", "MAC/s", roofline.attained_mac_per_s, "derived"},
      {"peak_rate", "rate", "MAC/s", roofline.peak_mac_per_s, "derived"},
      {"memory_roof", "rate", "MAC/s", roofline.memory_roof_mac_per_s(), "derived"},
  };
}

}  // namespace subbyte::sim
