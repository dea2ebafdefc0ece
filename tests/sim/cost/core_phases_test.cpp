// Tests a model's phases on a core: every layer takes what it takes alone, and the whole is the sum of its parts.
#include "sim/cost/core_phases.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "sim/cost/clock.hpp"
#include "sim/workload/layer_inputs.hpp"
#include "sim/workload/model_shape_file.hpp"

namespace subbyte::sim {
namespace {

constexpr const char* kDesign = "bitmod-core-4x4";

CoreSchedule schedule_of(const Design& design, const CoreLayerPlan& plan) { return schedule_core(design.name, plan); }

// What is planned from a shape has the cycles, the causes and the bytes of the layer with its weights.
TEST(CorePhases, AShapeTakesWhatItsWeightsTake) {
  const Design design = read_design(kDesign);
  for (const char* format : {"bitmod-fp4", "bitmod-fp3:g64", "int4-asym", "int8", "int4:gchannel",
                             "bitmod-fp3:scale=u8", "mxfp4", "nvfp4"}) {
    const LayerSource source = open_layers("", format, "embedded");
    const LayerInputs inputs = source.load(source.layer("model.layers.0.mlp.down_proj"));
    for (const std::size_t tokens : {1, 11, 16}) {
      const CoreSchedule weights = schedule_of(design, plan_core_layer(design, inputs.weights, tokens));
      const CoreSchedule shape = schedule_of(
          design, plan_core_layer(design, inputs.weights.format, {tokens, inputs.weights.rows, inputs.weights.cols}));
      EXPECT_EQ(weights.counts, shape.counts) << format;
      EXPECT_EQ(weights.traffic.weights, shape.traffic.weights) << format;
      EXPECT_EQ(weights.traffic.total(), shape.traffic.total()) << format;
    }
  }
}

// The simulator that BitMoD's authors published has a closed form for computing (sim/reproduce/bitmod_model.cpp), which
// the core works for as well; it has neither pipeline nor latency, so that the core takes longer, and by little where
// the bus keeps up.
TEST(CorePhases, WorkOfAPublishedModelIsThatOfThePublishedSimulator) {
  const Design design = read_design("bitmod-core-32x32");
  const PhaseWork work = model_work(read_model_shape("llama-2-7b").shape, parse_policy("bitmod-fp4"), {256, 4, 1});
  const std::vector<PhaseCost> phases = run_phases(design, work);
  const auto up = [](std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; };
  constexpr std::uint64_t kTerms = 2, kProducts = 4, kSide = 32, kBusBytes = 32;
  for (std::size_t phase = 0; phase < phases.size(); ++phase) {
    for (std::size_t i = 0; i < phases[phase].layers.size(); ++i) {
      const CountedProduct& product = work.phases[phase].layers[i].products.at(0);
      const CoreCost& cost = phases[phase].layers[i].cost;
      const std::uint64_t computing = up(product.size.inputs, kProducts) * up(product.size.outputs, kSide) *
                                      up(product.size.tokens, kSide) * kTerms * product.count;
      EXPECT_EQ(cost.counts[kernels::kWork], computing) << work.phases[phase].layers[i].name;
      const std::uint64_t roofline = std::max(computing, cost.traffic.total() / kBusBytes);
      EXPECT_GE(cost.cycles(), roofline) << work.phases[phase].layers[i].name;
      EXPECT_LE(cost.cycles(), roofline * 11 / 10) << work.phases[phase].layers[i].name;
    }
  }
}

PhaseWork embedded_work(const ModelPhases& phases, const char* format = "bitmod-fp4") {
  return model_work(read_model_shape("embedded").shape, parse_policy(format), phases);
}

// Every layer of the model by itself, with its weights, beside the phases that know shapes alone.
TEST(CorePhases, AModelIsTheSumOfItsLayers) {
  const Design design = read_design(kDesign);
  const ModelPhases phases{16, 7, 2};
  const std::vector<PhaseCost> costs = run_phases(design, embedded_work(phases));
  const LayerSource source = open_layers("", "bitmod-fp4", "embedded");
  kernels::CoreCounts prefill{}, decode{};
  std::uint64_t moved = 0, packed = 0;
  for (const WorkloadLayer& layer : source.layers()) {
    const quant::PackedTensor weights = source.load(layer).weights;
    packed += weights.bytes();
    const auto add = [&](std::size_t tokens, std::size_t times, kernels::CoreCounts& sum) {
      const CoreSchedule schedule = schedule_of(design, plan_core_layer(design, weights, tokens));
      for (unsigned cause = 0; cause < kernels::kCoreCauseCount; ++cause) sum[cause] += times * schedule.counts[cause];
      return times * schedule.traffic.total();
    };
    add(layer.name == "lm_head" ? phases.batch : phases.batch * phases.prefill, 1, prefill);
    moved += add(phases.batch, phases.decode, decode);
  }
  ASSERT_EQ(costs.size(), 2U);
  EXPECT_EQ(costs[0].total().counts, prefill);
  EXPECT_EQ(costs[1].total().counts, decode);
  EXPECT_EQ(costs[1].total().traffic.total(), moved);
  const std::uint64_t told =
      std::accumulate(costs[1].layers.begin(), costs[1].layers.end(), std::uint64_t{0},
                      [](std::uint64_t sum, const PhaseLayerCost& layer) { return sum + layer.packed_bytes; });
  EXPECT_EQ(told, packed);
  EXPECT_GE(costs[1].total().traffic.weights, phases.decode * packed) << "a step reads every weight";
}

// Steps of like contexts are scheduled once; each by itself, as it is, gives the same sum.
TEST(CorePhases, AttentionIsTheSumOfItsSteps) {
  const ModelShape shape = read_model_shape("embedded").shape;
  const std::tuple<const char*, const char*, std::size_t> runs[] = {
      {"1", "64", 0}, {"4", "64", 0}, {"16", "64", 0}, {"4", "4", 300}, {"16", "4", 700}};
  for (const auto& [lanes, kib, context] : runs) {  // in 4 KiB a group of 300 inputs is cut
    const Design design = read_design(kDesign, {{"lanes", lanes, "--set"}, {"memory.weight_buffer_kib", kib, "--set"}});
    ModelPhases phases{5, 70, 1};
    phases.context = context;
    phases.kv_format = quant::parse_format("int8");
    const PhaseWork work = model_work(shape, parse_policy("int4"), phases);
    const std::vector<PhaseCost> costs = run_phases(design, work);
    for (std::size_t phase = 0; phase < 2; ++phase) {
      CoreCost sum;
      for (const PhaseLayer& layer : work.phases[phase].layers) {
        if (layer.kind != LayerKind::kAttention) continue;
        for (const CountedProduct& product : layer.products) {
          const CoreSchedule alone = schedule_of(design, plan_core_layer(design, layer.format, product.size));
          for (unsigned cause = 0; cause < kernels::kCoreCauseCount; ++cause)
            sum.counts[cause] += product.count * alone.counts[cause];
          sum.traffic.weights += product.count * alone.traffic.weights;
          sum.traffic.activations += product.count * alone.traffic.activations;
          sum.traffic.outputs += product.count * alone.traffic.outputs;
          sum.macs +=
              static_cast<double>(product.count * product.size.tokens * product.size.outputs * product.size.inputs);
        }
      }
      const CoreCost told = costs[phase].total(LayerKind::kAttention);
      EXPECT_EQ(told.counts, sum.counts) << lanes;
      EXPECT_EQ(told.traffic.total(), sum.traffic.total()) << lanes;
      EXPECT_EQ(told.traffic.weights, sum.traffic.weights) << lanes;
      EXPECT_DOUBLE_EQ(told.macs, sum.macs) << lanes;
    }
    // The cache that a step reads is at least the packed codes of all tokens before it.
    EXPECT_GE(costs[1].total(LayerKind::kAttention).traffic.weights,
              70U * (context + 6) * shape.layers * shape.kv_heads * 2 * shape.head_dim);
  }
}

double metric(const reports::Record& record, const std::string& name) {
  for (const reports::Metric& metric : record.metrics)
    if (metric.name == name) return metric.value;
  throw std::out_of_range(name);
}

reports::Record record_of(const Design& design, const PhaseWork& work) {
  return phases_record(design, work, run_phases(design, work));
}

TEST(CorePhases, LatenciesFollowFromCycles) {
  const Design design = read_design(kDesign);  // 50 MHz
  const reports::Record record = record_of(design, embedded_work({16, 7, 2}));
  EXPECT_DOUBLE_EQ(metric(record, "linear_time_to_first_token"), metric(record, "prefill_cycles") / 50e6);
  EXPECT_DOUBLE_EQ(metric(record, "linear_time_per_output_token"), metric(record, "decode_cycles") / 50e6 / 7);
  EXPECT_DOUBLE_EQ(metric(record, "linear_tokens_per_s"), 14 / (metric(record, "decode_cycles") / 50e6));
  for (const char* phase : {"prefill", "decode"}) {
    EXPECT_GT(metric(record, std::string(phase) + "_utilisation"), 0.05);
    EXPECT_LT(metric(record, std::string(phase) + "_utilisation"), 1);
  }
}

TEST(CorePhases, EqualStepsAreMultiplied) {
  const Design design = read_design(kDesign);
  const auto cycles = [&](const ModelPhases& phases) {
    return run_phases(design, embedded_work(phases)).at(0).total().cycles();
  };
  EXPECT_EQ(cycles({0, 9, 1}), 9 * cycles({0, 1, 1}));
  EXPECT_LT(cycles({0, 9, 8}), 8 * cycles({0, 9, 1})) << "eight sequences share the weights";
  EXPECT_EQ(cycles({0, 1, 16}), cycles({1, 0, 16})) << "sixteen tokens, whatever they are of";
}

// Every layer that does not fit is named at once, and those that do are not.
TEST(CorePhases, ARefusalNamesEveryLayer) {
  const quant::Format format = quant::parse_format("bitmod-fp4");
  PhaseWork work = product_work({1, 8, 8}, format);
  constexpr std::size_t kBeyondTheRegisters = std::size_t{1} << 34U;
  for (const char* name : {"wide", "wider"})
    work.phases[0].layers.push_back({name, format, {{{kBeyondTheRegisters, 8, 8}, 1}}});
  work.phases[0].layers.push_back({"widest", format, {{{kBeyondTheRegisters, 16, 8}, 1}}});
  try {
    run_phases(read_design(kDesign), work);
    FAIL() << "more tokens than the registers count";
  } catch (const LayerRefused& error) {
    EXPECT_THAT(error.what(),
                testing::HasSubstr("wide, wider: design 'bitmod-core-4x4' cannot run 17179869184 tokens"));
    EXPECT_THAT(error.what(), testing::HasSubstr("widest: design 'bitmod-core-4x4' cannot run"));
    EXPECT_THAT(error.what(), testing::Not(testing::HasSubstr("gemm")));
  }
  try {
    run_phases(read_design(kDesign), embedded_work({16, 1, 1}, "sherry"));
    FAIL() << "a layout that is not dense";
  } catch (const LayerRefused& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("codes in layout one-zero-in-four"));
    EXPECT_EQ(std::string(error.what()).find("codes in layout one-zero-in-four"),
              std::string(error.what()).rfind("codes in layout one-zero-in-four"))
        << "one reason for all layers is said once";
  }
}

TEST(CorePhases, LinearFiguresStayTheSameBesideAttention) {
  const Design design = read_design(kDesign);
  ModelPhases phases{16, 7, 2};
  const reports::Record linear = record_of(design, embedded_work(phases));
  phases.kv_format = quant::parse_format("int4");
  const reports::Record all = record_of(design, embedded_work(phases));
  for (const char* name : {"time_to_first_token", "time_per_output_token", "tokens_per_s"})
    EXPECT_EQ(metric(all, std::string("linear_") + name), metric(linear, std::string("linear_") + name));
  EXPECT_GT(metric(all, "matmul_time_to_first_token"), metric(all, "linear_time_to_first_token"));
  EXPECT_DOUBLE_EQ(metric(all, "matmul_time_per_output_token"), metric(all, "decode_cycles") / 50e6 / 7);
  EXPECT_THROW(metric(linear, "matmul_time_to_first_token"), std::out_of_range);
  EXPECT_EQ(all.provenance["kv_format"], "int4:g128");
}

TEST(CorePhases, TheRecordSaysWhatIsNotInIt) {
  const Design design = read_design(kDesign);
  PhaseWork work = embedded_work({16, 1, 1});
  work.unread = {"rope_flavour"};
  const reports::Record record = record_of(design, work);
  EXPECT_THAT(record.tables.at(0).note, testing::AllOf(testing::HasSubstr("softmax"), testing::HasSubstr("QK^T"),
                                                       testing::HasSubstr("rope_flavour")));
  EXPECT_EQ(record.provenance["phases"]["prefill"]["tokens"], 16);
  EXPECT_TRUE(record.provenance["clock_met"].is_null());
  EXPECT_EQ(record.provenance["clock"], kCoreClock);
  const reports::Record product = record_of(design, product_work({16, 128, 128}, quant::parse_format("bitmod-fp4")));
  EXPECT_EQ(metric(product, "gemm_cycles"), 2414) << "the first layer of the model, as docs/the-core.md shows it";
  EXPECT_THAT(product.tables.at(0).note, testing::Not(testing::HasSubstr("softmax")));
}

}  // namespace
}  // namespace subbyte::sim
