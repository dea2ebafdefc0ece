// Tests bytes that cross the memory's bus, the time that a layer takes, and how much of a tile works.
#include "sim/cost/roofline.hpp"

#include <gtest/gtest.h>

#include "tests/support/mapping/mapping_cases.hpp"

namespace subbyte::sim {
namespace {

using namespace test;  // NOLINT: its cases

TEST(Roofline, TrafficFollowsTheBuffers) {
  const Layer layer = random_layer("int8:g64", 20, 64, 24, 1);
  Design design = read_design("bitmod-8x8");
  design.memory.weight_buffer_kib = 1;
  design.memory.activation_buffer_kib = 3;
  Traffic traffic = traffic_of(design, layer.weights, 20);
  EXPECT_EQ(traffic.weight_bytes, layer.weights.bytes());
  EXPECT_EQ(traffic.activation_bytes, 20u * 64 * 2);
  EXPECT_EQ(traffic.output_bytes, 20u * 24 * 4);
  design.memory.weight_buffer_kib = 0;
  design.memory.activation_buffer_kib = 2;
  traffic = traffic_of(design, layer.weights, 20);
  EXPECT_EQ(traffic.weight_bytes, layer.weights.bytes() * 3);  // three token tiles of eight
  EXPECT_EQ(traffic.activation_bytes, 20u * 64 * 2 * 3);       // three output tiles of eight
  design.clock_mhz = 1000;
  design.memory.bandwidth_gb_per_s = 1;
  const LayerTime time = layer_time(design, 1000, traffic);
  EXPECT_DOUBLE_EQ(time.compute_s, 1e-6);
  EXPECT_DOUBLE_EQ(time.memory_s, static_cast<double>(traffic.total()) * 1e-9);
  EXPECT_EQ(time.bound(), "memory");
}

// 20 tokens x 64 inputs are 2560 bytes of FP16; 24 outputs are 1920 bytes in FP32, 960 in 16 bits, 480 in 8.
TEST(Roofline, OutputsHaveAWidthAndAPlace) {
  const Layer layer = random_layer("int8:g64", 20, 64, 24, 1);
  Design design = read_design("bitmod-8x8");
  design.memory.activation_buffer_kib = 3;  // 3072 bytes: 512 beside the activations
  const std::uint64_t inputs = layer.weights.bytes() + 2560;
  EXPECT_EQ(traffic_of(design, layer.weights, 20).total(), inputs + 1920);
  design.output.bits = 16;
  EXPECT_EQ(traffic_of(design, layer.weights, 20).total(), inputs + 960);
  EXPECT_EQ(outputs_text(design, traffic_of(design, layer.weights, 20)), "16 bits each to the DRAM");
  design.output.to_buffer = true;
  Traffic traffic = traffic_of(design, layer.weights, 20);
  EXPECT_EQ(traffic.output_bytes, 960U);
  EXPECT_EQ(traffic.buffered_output_bytes, 0U);
  EXPECT_EQ(outputs_text(design, traffic),
            "16 bits each to the DRAM, since their 960 bytes do not fit beside all activations in the 3 KiB of their "
            "buffer");
  design.output.bits = 8;
  traffic = traffic_of(design, layer.weights, 20);
  EXPECT_EQ(traffic.total(), inputs);
  EXPECT_EQ(traffic.buffered_output_bytes, 480U);
  EXPECT_EQ(outputs_text(design, traffic), "8 bits each into the activation buffer");
  design.memory.activation_buffer_kib = 2;  // the activations themselves are read again for each of three output tiles
  EXPECT_EQ(traffic_of(design, layer.weights, 20).total(), layer.weights.bytes() + 3 * 2560 + 480);
  const auto metrics = layer_metrics(design, layer.weights, 20, 1000, "model");
  const auto output = std::ranges::find(metrics, "output_traffic", &reports::Metric::name);
  EXPECT_NE(output->source.find("do not fit"), std::string::npos) << output->source;
}

TEST(Roofline, UtilisationIsOneWhenEveryLaneWorks) {
  const Layer layer = random_layer("int8:g64", 8, 64, 8, 1);
  // Eight tokens and outputs fill the tile: 64 inputs in 16 beats of four terms.
  EXPECT_DOUBLE_EQ(utilisation(read_design("bitmod-8x8"), layer.weights, 8, 64), 1.0);
  EXPECT_DOUBLE_EQ(utilisation(read_design("bitmod-8x8"), layer.weights, 4, 64), 0.5);
}

TEST(Roofline, ActivationsOfEightBitsAreCountedWithTheirScales) {
  const Layer layer = random_layer("int8:g64", 2, 64, 8, 1);
  const Design design = read_design("int8-8x8");
  EXPECT_EQ(traffic_of(design, layer.weights, 2).activation_bytes, 2U * (64 + 4));
  EXPECT_EQ(traffic_of(read_design("figna-8x8"), layer.weights, 2).activation_bytes, 2U * 64 * 2);
  EXPECT_DOUBLE_EQ(utilisation(design, layer.weights, 8, 16), 1.0);
}

TEST(Roofline, UtilisationOfPlanesCountsRaggedChunks) {
  const Design design = shaped("plane-8x8", {{"rows", 2}, {"cols", 2}, {"lanes", 4}});
  const Layer layer = random_layer("nested8:g6:view=3", 1, 9, 2, 5);
  EXPECT_DOUBLE_EQ(utilisation(design, layer.weights, 1, 9), 3.0 * 9 * 2 / (9 * 2 * 2 * 4));
}

}  // namespace
}  // namespace subbyte::sim
