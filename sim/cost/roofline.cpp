#include "sim/cost/roofline.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace subbyte::sim {
namespace {

std::uint64_t activation_buffer_bytes(const Design& design) {
  return static_cast<std::uint64_t>(design.memory.activation_buffer_kib) * 1024;
}

}  // namespace

Traffic traffic_of(const Design& design, const quant::PackedTensor& weights, std::size_t tokens) {
  const TileLoop loop = tile_loop(design, weights, tokens);
  const std::uint64_t row_bytes = weights.bytes() / weights.rows;
  const std::uint64_t token_bytes = loop.int8_activations ? loop.in + 4 : loop.in * 2;
  const std::uint64_t activation_bytes = tokens * token_bytes;
  const bool weights_stay = row_bytes * loop.cols <= static_cast<std::uint64_t>(design.memory.weight_buffer_kib) * 1024;
  const bool activations_stay = activation_bytes <= activation_buffer_bytes(design);
  Traffic traffic;
  traffic.weight_bytes = weights.bytes() * (weights_stay ? 1 : loop.token_tiles());
  traffic.activation_bytes = activation_bytes * (activations_stay ? 1 : loop.output_tiles());
  const std::uint64_t outputs = tokens * loop.out * static_cast<std::uint64_t>(design.output.bits) / 8;
  const bool outputs_stay = design.output.to_buffer && activation_bytes + outputs <= activation_buffer_bytes(design);
  (outputs_stay ? traffic.buffered_output_bytes : traffic.output_bytes) = outputs;
  return traffic;
}

bool outputs_spill(const Design& design, const Traffic& traffic) {
  return design.output.to_buffer && traffic.output_bytes > 0;
}

Traffic& Traffic::operator+=(const Traffic& other) {
  weight_bytes += other.weight_bytes;
  activation_bytes += other.activation_bytes;
  output_bytes += other.output_bytes;
  buffered_output_bytes += other.buffered_output_bytes;
  return *this;
}

std::string outputs_text(const Design& design, const Traffic& traffic) {
  const std::string width = design.output.bits == 32 ? "FP32" : fmt::format("{} bits each", design.output.bits);
  if (!design.output.to_buffer) return width + " to the DRAM";
  if (!outputs_spill(design, traffic)) return width + " into the activation buffer";
  return fmt::format(
      "{} to the DRAM, since their {} bytes do not fit beside all activations in the {} KiB of their buffer", width,
      traffic.output_bytes, design.memory.activation_buffer_kib);
}

std::string outputs_text(const Design& design, const std::vector<std::pair<std::string, Traffic>>& layers) {
  std::vector<std::string> spilled;
  for (const auto& [name, traffic] : layers)
    if (outputs_spill(design, traffic)) spilled.push_back(name);
  const std::string wanted = outputs_text(design, Traffic{});
  if (spilled.empty()) return wanted;
  return fmt::format("{}, but to the DRAM where they do not fit beside all activations: {}", wanted,
                     fmt::join(spilled, ", "));
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
  const bool plain = design.output.bits == 32 && !design.output.to_buffer;
  const std::string output_source = plain ? "derived" : "derived: " + outputs_text(design, traffic);
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
      {"output_traffic", "data", "bytes", count(traffic.output_bytes), output_source},
      {"utilisation", "ratio", "", utilisation(design, weights, tokens, cycles), "derived"},
      {"bits_per_weight", "data", "bits", weights.bits_per_weight(), "derived"},
      {"arithmetic_intensity", "ratio", "MAC/byte", roofline.intensity(), "derived"},
      {"attained_rate", "rate", "MAC/s", roofline.attained_mac_per_s, "derived"},
      {"peak_rate", "rate", "MAC/s", roofline.peak_mac_per_s, "derived"},
      {"memory_roof", "rate", "MAC/s", roofline.memory_roof_mac_per_s(), "derived"},
  };
}

}  // namespace subbyte::sim
