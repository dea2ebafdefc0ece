// Tests the spans of a layer on a core: what array, memory and buffers do, and when.
#include "sim/engines/core_spans.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "sim/config/design_file.hpp"
#include "sim/config/format_file.hpp"

namespace subbyte::sim {
namespace {

constexpr std::size_t kAll = 1'000'000;

struct Layer {
  CoreLayerPlan plan;
  CoreSchedule schedule;
};

Layer layer_of(const char* design, const char* format, const ProductSize& size) {
  const Design read = read_design(design);
  Layer layer;
  layer.plan = plan_core_layer(read, read_format(format), size);
  layer.schedule = schedule_core(design, layer.plan);
  return layer;
}

kernels::CoreCounts sums_of(const CoreSpans& spans) {
  kernels::CoreCounts sums{};
  for (const CoreSpan& span : spans.spans) {
    EXPECT_EQ(kernels::core_total(span.counts), span.track == CoreTrack::kArray ? span.cycles : 0U) << span.name;
    for (unsigned cause = 0; cause < kernels::kCoreCauseCount; ++cause) sums[cause] += span.counts[cause];
  }
  return sums;
}

void expect_tracks(const CoreSpans& spans, std::uint64_t cycles) {
  std::map<CoreTrack, std::uint64_t> ends;
  for (const CoreSpan& span : spans.spans) {
    EXPECT_GT(span.cycles, 0U) << span.name;
    EXPECT_GE(span.first, ends[span.track]) << span.name << " on track " << static_cast<unsigned>(span.track);
    ends[span.track] = span.first + span.cycles;
    EXPECT_LE(ends[span.track], cycles) << span.name << " on track " << static_cast<unsigned>(span.track);
  }
  EXPECT_EQ(ends[CoreTrack::kArray], cycles);
}

constexpr std::tuple<const char*, const char*, ProductSize> kLayers[] = {
    {"bitmod-core-4x4", "bitmod-fp4", {16, 128, 128}}, {"bitmod-core-4x4", "int4-asym:g32", {11, 200, 456}},
    {"int8-core-4x4", "int8:g64", {9, 128, 384}},      {"fp16-core-24x32", "int4", {100, 300, 520}},
    {"figna-core-32x32", "int4:g32", {70, 96, 1024}},  {"ternary34-core-4x4", "sherry", {3, 64, 256}},
};

TEST(CoreSpans, AreTheCyclesOfTheScheduleByCause) {
  for (const auto& [design, format, size] : kLayers) {
    const Layer layer = layer_of(design, format, size);
    const CoreSpans spans = core_spans(layer.plan, layer.schedule, kAll);
    EXPECT_EQ(sums_of(spans), layer.schedule.counts) << design;
    expect_tracks(spans, layer.schedule.cycles());
    EXPECT_EQ(spans.shown, layer.schedule.layer.steps()) << design;
    EXPECT_EQ(spans.merged, 0U) << design;
    for (const CoreSpan& span : spans.spans) {  // every span of the array has one cause
      if (span.track != CoreTrack::kArray) continue;
      EXPECT_EQ(std::ranges::count_if(span.counts, [](std::uint64_t cycles) { return cycles > 0; }), 1) << span.name;
    }
  }
}

// Every block that the loop nest asks for is one transfer of its words, and lies in one half of its buffer.
TEST(CoreSpans, EveryFetchIsThereWithItsWords) {
  for (const auto& [design, format, size] : kLayers) {
    const Layer layer = layer_of(design, format, size);
    const CoreSpans spans = core_spans(layer.plan, layer.schedule, kAll);
    std::map<CoreTrack, std::size_t> count;
    std::map<CoreTrack, std::uint64_t> words;
    for (const CoreSpan& span : spans.spans) {
      count[span.track] += span.name.starts_with("fill") || span.words > 0 ? 1 : 0;
      words[span.track] += span.words;
    }
    std::uint64_t activations = 0, weights = 0;
    std::size_t weight_blocks = 0;
    for (std::uint32_t j = 0; j < layer.schedule.layer.steps(); ++j) {
      const kernels::CoreStep step = kernels::core_step(layer.plan.core, layer.schedule.layer, j);
      activations += step.activations.words;
      weights += step.weights.words;
      weight_blocks += step.weights.words > 0 ? 1 : 0;
    }
    EXPECT_EQ(words[CoreTrack::kReadActivations], activations) << design;
    EXPECT_EQ(words[CoreTrack::kReadWeights], weights) << design;
    EXPECT_EQ(count[CoreTrack::kReadWeights], weight_blocks) << design;
    EXPECT_EQ(count[CoreTrack::kWeightHalf0] + count[CoreTrack::kWeightHalf1], weight_blocks) << design;
    EXPECT_EQ(count[CoreTrack::kOutputHalf0] + count[CoreTrack::kOutputHalf1],
              std::size_t{layer.schedule.layer.t_blocks} * layer.schedule.layer.n_blocks)
        << design;
  }
}

// Where there is less room the sums stay, and what is left out is said.
TEST(CoreSpans, FewerSpansHaveTheSameSums) {
  const Layer gaps = layer_of("int8-core-4x4", "int8:g64", {9, 128, 384});
  const Layer steps = layer_of("bitmod-core-4x4", "bitmod-fp4", {40, 256, 512});
  ASSERT_GT(gaps.schedule.counts[kernels::kGap], 100U);
  ASSERT_GT(steps.schedule.layer.steps(), 8U);
  for (const Layer* layer : {&gaps, &steps}) {
    const std::size_t all = core_spans(layer->plan, layer->schedule, kAll).spans.size();
    for (std::size_t most = 64; most < 2 * all; most += 13) {
      const CoreSpans spans = core_spans(layer->plan, layer->schedule, most);
      EXPECT_LE(spans.spans.size(), most + 1);
      EXPECT_EQ(sums_of(spans), layer->schedule.counts) << most;
      expect_tracks(spans, layer->schedule.cycles());
      EXPECT_GE(spans.shown, 1U);
    }
    const CoreSpans few = core_spans(layer->plan, layer->schedule, 64);
    EXPECT_TRUE(few.shown < few.steps || few.merged > 0);
  }
}

}  // namespace
}  // namespace subbyte::sim
