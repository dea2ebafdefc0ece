// What a layer's run costs at a design's clock and memory: derived figures, each with its unit and its source.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "quant/formats/packed_tensor.hpp"
#include "reports/record.hpp"
#include "sim/config/design.hpp"
#include "sim/mapping/mapping.hpp"

namespace subbyte::sim {

/// Counts the bytes that cross the off-chip memory's bus. The loops are ordered as in sim/mapping/loop.hpp. An output
/// tile's packed weights are read once if they fit into the weight buffer, and else once per token tile. The
/// activations (FP16, or INT8 with an FP32 scale per token) are read once if all of them fit into the activation
/// buffer, and else once per output tile. Y is written once, in the bits and to the place that the design's `output`
/// says: as FP32 to the memory where it says nothing, and into the activation buffer only where all of it fits beside
/// all activations. Weights count as packed, with the padding of their rows, even where the tile takes them decoded,
/// because what decodes them stands on the chip, beside the tile.
struct Traffic {
  std::uint64_t weight_bytes = 0;
  std::uint64_t activation_bytes = 0;
  std::uint64_t output_bytes = 0;
  std::uint64_t buffered_output_bytes = 0;  ///< of Y that stay in the activation buffer, and cross no bus
  std::uint64_t total() const { return weight_bytes + activation_bytes + output_bytes; }
  Traffic& operator+=(const Traffic& other);
};
Traffic traffic_of(const Design& design, const quant::PackedTensor& weights, std::size_t tokens);

/// Says whether outputs that the design sends into the activation buffer go to the memory after all.
bool outputs_spill(const Design& design, const Traffic& traffic);
/// Says what is counted of Y: "FP32 to the DRAM", or the bits of each value and where they go, and why if that is not
/// where the design sends them.
std::string outputs_text(const Design& design, const Traffic& traffic);
/// Says the same of several layers, and names those whose outputs spill.
std::string outputs_text(const Design& design, const std::vector<std::pair<std::string, Traffic>>& layers);

/// A roofline of two roofs that overlap perfectly: computing at the design's clock, and memory at its bandwidth.
struct LayerTime {
  double compute_s = 0;
  double memory_s = 0;
  double seconds() const { return compute_s > memory_s ? compute_s : memory_s; }
  std::string bound() const { return compute_s >= memory_s ? "compute" : "memory"; }
};
LayerTime layer_time(const Design& design, std::uint64_t cycles, const Traffic& traffic);

/// Says where a layer stands under the two roofs. A MAC is one weight times one activation.
struct RooflinePoint {
  double macs = 0;
  double bytes = 0;  ///< bytes that cross the bus
  double attained_mac_per_s = 0;
  /// the rate at which all lanes are busy, by the number of cycles that the format takes of them
  double peak_mac_per_s = 0;
  double bandwidth_byte_per_s = 0;
  double intensity() const { return macs / bytes; }
  double memory_roof_mac_per_s() const { return intensity() * bandwidth_byte_per_s; }
};
RooflinePoint roofline_point(const Design& design, const quant::PackedTensor& weights, std::size_t tokens,
                             std::uint64_t cycles);

/// Returns the lane-cycles that real weights need (their terms, their planes, or 1 each) times the tokens, over the
/// lane-cycles that the tile offered. The result is 1 when no lane is ever idle.
double utilisation(const Design& design, const quant::PackedTensor& weights, std::size_t tokens, std::uint64_t cycles);

/// Returns cycles (with `cycle_source`: "rtl" or "model"), cycles per token, time, tokens per second, traffic,
/// utilisation and the point on the roofline.
std::vector<reports::Metric> layer_metrics(const Design& design, const quant::PackedTensor& weights, std::size_t tokens,
                                           std::uint64_t cycles, const std::string& cycle_source);

}  // namespace subbyte::sim
