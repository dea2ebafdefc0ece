// Tests the operations of the vector unit in a model's phases: SystemC takes what is booked, the whole is the sum of
// its parts, and names say what is counted.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "kernels/catalogue.hpp"
#include "models/catalogue.hpp"
#include "sim/cost/core_phases.hpp"
#include "sim/engines/vector_schedule.hpp"
#include "sim/workload/model_shape_file.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/vector_cases.hpp"

namespace subbyte::sim {
namespace {

using kernels::VectorOperation;
using kernels::VectorRows;

constexpr const char* kDesign = "bitmod-core-4x4";

ModelShape shape_of(kernels::Random& random) {
  const std::vector<std::string> names = architecture_names();
  const auto draw = [&](std::size_t most) { return 1 + random.below(most); };
  ModelShape shape;
  shape.name = "drawn";
  shape.architecture = names[random.below(names.size())];
  shape.layers = draw(3);
  shape.hidden_size = draw(40);
  shape.kv_heads = draw(3);
  shape.heads = shape.kv_heads * draw(3);
  shape.head_dim = draw(20);
  shape.intermediate_size = draw(50);
  shape.vocab_size = draw(40);
  shape.learned_positions = has_learned_positions(shape.architecture) ? 9 : 0;
  shape.rotary_dim = shape.learned_positions > 0 ? 0 : random.below(shape.head_dim / 2 + 1) * 2;
  shape.activation = usual_activation(shape.architecture);
  if (has_experts(shape.architecture)) shape.experts = 4, shape.experts_per_token = draw(4);
  shape.biases = {random.percent(50), random.percent(50), random.percent(50), random.percent(50)};
  return shape;
}

ModelPhases phases_of(const ModelShape& shape, kernels::Random& random) {
  ModelPhases phases;
  phases.decode = 1 + random.below(3);
  if (shape.experts == 1) phases.prefill = random.below(6), phases.batch = 1 + random.below(2);
  phases.context = random.below(30);
  if (random.percent(80)) phases.kv_format = quant::parse_format(random.percent(50) ? "int8:gchannel" : "int4");
  return phases;
}

Design design_of(const std::string& name, unsigned lanes, unsigned latency) {
  return read_design(name, {{"core.vector.lanes", std::to_string(lanes), "--set"},
                            {"core.vector.latency", std::to_string(latency), "--set"}});
}

PhaseWork vector_work(const Design& design, const ModelShape& shape, const ModelPhases& phases) {
  return work_on(design, model_work(shape, parse_policy("int4:gchannel"), phases));
}

template <typename Do>
void for_each_operation(const PhaseWork& work, Do act) {
  for (const Phase& phase : work.phases)
    for (const PhaseLayer& layer : phase.layers)
      for (const CountedOperation& operation : layer.operations) act(layer, operation);
}

// Every operation of random models in random phases, with FP16 and with INT8 activations, run by the SystemC model.
TEST(VectorPhases, SystemCTakesTheCyclesThatAreBooked) {
  kernels::Random random(21);
  std::set<VectorOperation> kinds;
  for (unsigned i = 0; i < 60; ++i) {
    const Design design = design_of(i % 2 == 0 ? kDesign : "int8-core-4x4", 1 + random.below(20), 2 + random.below(9));
    const kernels::VectorParams& unit = design.core->vector->params;
    const ModelShape shape = shape_of(random);
    for_each_operation(vector_work(design, shape, phases_of(shape, random)), [&](const PhaseLayer& layer,
                                                                                 const CountedOperation& operation) {
      const auto stimulus = rows_of_ones(unit, operation.command, operation.rows);
      const auto trace = models::run_systemc(kernels::unit("vector_unit"), parameters_of(unit), stimulus);
      const auto booked = vector_time("d", *design.core, operation.command, operation.rows);
      ASSERT_EQ(booked.unit, trace.cycles()) << layer.name << " of " << shape.architecture;
      kinds.insert(operation.command.operation);
    });
    if (HasFatalFailure()) return;
  }
  EXPECT_EQ(kinds.size(), kernels::kVectorOperations - 1) << "all but codes with a zero point";
}

std::uint64_t reductions_of(VectorOperation operation) {
  std::uint64_t count = 0;
  for (const auto& pass : kernels::vector_passes(operation)) count += pass.reduction != kernels::VectorReduction::kNone;
  return count;
}

TEST(VectorPhases, TheLawsOfTheirTimes) {
  kernels::Random random(22);
  for (unsigned i = 0; i < 200; ++i) {
    const unsigned lanes = 1 + random.below(32), latency = 2 + random.below(30);
    const Design design = design_of(kDesign, lanes, latency), wide = design_of(kDesign, 2 * lanes, latency);
    CoreDesign slow = *design.core, roomy = *design.core;
    slow.channel.word_ticks = slow.channel.word_ticks * 3 / 2;
    roomy.parameters["activation_kib"] *= 4;
    kernels::VectorCommand command;
    command.operation = static_cast<VectorOperation>(random.below(kernels::kVectorOperations - 1));
    const bool grows = command.operation < VectorOperation::kQuantizeToken && random.percent(50);
    const VectorRows rows{1 + random.below(40), 1 + random.below(3000), grows ? 1U : 0U, 1 + random.below(3)};
    const auto time = [&](const CoreDesign& core) { return vector_time("d", core, command, rows); };
    const VectorTime all = time(*design.core);
    EXPECT_GE(all.waiting, 1 + design.core->channel.latency) << "nothing comes at once";
    EXPECT_GE(static_cast<double>(all.cycles()), all.bus_cycles);
    EXPECT_LE(time(roomy).cycles(), all.cycles());
    EXPECT_GE(time(slow).cycles(), all.cycles());
    // A row pays one more level of the tree in each reduction, and never more.
    EXPECT_LE(time(*wide.core).unit, all.unit + rows.all() * reductions_of(command.operation)) << lanes;
    EXPECT_GE(2 * time(*wide.core).unit + 1, all.unit) << "twice the lanes are not more than twice as fast";
  }
}

TEST(VectorPhases, TheWholeIsTheSumOfItsLayers) {
  kernels::Random random(23);
  for (unsigned i = 0; i < 40; ++i) {
    const Design design = design_of(kDesign, 1 + random.below(32), 2 + random.below(20));
    const ModelShape shape = shape_of(random);
    ModelPhases phases = phases_of(shape, random);
    const PhaseWork work = vector_work(design, shape, phases);
    const PhaseWork matrices = model_work(shape, parse_policy("int4:gchannel"), phases);
    const std::vector<PhaseCost> costs = run_phases(design, work), without = run_phases(design, matrices);
    for (std::size_t p = 0; p < costs.size(); ++p) {
      std::uint64_t cycles = 0;
      for (const PhaseLayerCost& layer : costs[p].layers) cycles += layer.cost.cycles();
      const CoreCost total = costs[p].total();
      EXPECT_EQ(total.cycles(), cycles);
      EXPECT_EQ(total.cycles(), kernels::core_total(total.counts) + total.vector + total.vector_waiting);
      EXPECT_EQ(total.counts, without[p].total().counts) << "the matrix layers stay as they are";
      EXPECT_EQ(total.traffic.weights, without[p].total().traffic.weights);
      EXPECT_GT(total.vector, 0U);
    }
  }
}

// One block of 4 values, 4 lanes, 2 registers: each operation in turn, as kernels/VECTOR.md counts it.
TEST(VectorPhases, ATinyModelByHand) {
  const Design design = design_of(kDesign, 4, 2);  // a burst is 2 words of 32 bytes, a request waits 10 cycles
  ASSERT_EQ(design.core->channel.latency, 10U);
  ASSERT_EQ(design.core->channel.turnaround, 1U);
  ASSERT_EQ(design.core->channel.word_ticks, design.core->channel.cycle_ticks);
  ModelShape shape{"tiny", "", "llama", 1, 4, 1, 1, 4, 8, 8};
  shape.rotary_dim = 4;
  ModelPhases phases{0, 1, 1, quant::parse_format("int8:gchannel")};
  const PhaseCost cost = run_phases(design, vector_work(design, shape, phases)).at(0);
  // By hand: cycles of the unit, and of waiting: 11 for the request, and what memory needs beyond the unit for a burst
  // of operands, one of results and two turns, 6 cycles.
  const std::vector<std::tuple<std::string, unsigned, unsigned>> expected{
      {"embed_tokens", 3, 14},       {"attention_norm", 10, 11},    {"self_attn.q_rope", 7, 11},
      {"self_attn.k_rope", 7, 11},   {"self_attn.k_cache", 10, 11}, {"self_attn.v_cache", 10, 11},
      {"self_attn.softmax", 15, 11}, {"self_attn.v_scales", 4, 13}, {"attn_av.fp16", 3, 14},
      {"attention_residual", 4, 13}, {"mlp_norm", 10, 11},          {"mlp.activation", 6, 11},
      {"mlp_residual", 4, 13},       {"final_norm", 10, 11}};
  std::vector<std::tuple<std::string, unsigned, unsigned>> booked;
  for (std::size_t i = 0; i < cost.layers.size(); ++i) {
    if (cost.phase.layers[i].kind != LayerKind::kVector) continue;
    const std::string& name = cost.phase.layers[i].name;
    const std::size_t star = name.find('*');
    booked.emplace_back(star == std::string::npos ? name : name.substr(star + 2), cost.layers[i].cost.vector,
                        cost.layers[i].cost.vector_waiting);
  }
  EXPECT_EQ(booked, expected);
  EXPECT_EQ(cost.total().vector, 103U);
  EXPECT_EQ(cost.total().vector_waiting, 166U);
}

std::set<std::string> metrics_of(const ModelShape& shape, const Policy& policy, const char* kv, const Design& design) {
  ModelPhases phases{0, 2, 1};
  if (kv != nullptr) phases.kv_format = quant::parse_format(kv);
  const PhaseWork work = work_on(design, model_work(shape, policy, phases));
  std::set<std::string> names;
  for (const reports::Metric& metric : phases_record(design, work, run_phases(design, work)).metrics)
    if (metric.name.ends_with("tokens_per_s")) names.insert(metric.name);
  return names;
}

TEST(VectorPhases, NamesSayWhatIsCounted) {
  using Names = std::set<std::string>;
  const Design design = read_design(kDesign);
  const ModelShape shape = read_model_shape("embedded").shape;
  const Policy all = parse_policy("int4");
  EXPECT_EQ(metrics_of(shape, all, "int8", design),
            (Names{"tokens_per_s", "matmul_tokens_per_s", "linear_tokens_per_s"}));
  EXPECT_EQ(metrics_of(shape, all, nullptr, design), (Names{"counted_tokens_per_s", "linear_tokens_per_s"}));
  ModelShape other = shape;
  other.activation = "gelu";
  EXPECT_TRUE(metrics_of(other, all, "int8", design).contains("counted_tokens_per_s"));
  ModelPhases phases{0, 2, 1, quant::parse_format("int8")};
  PhaseWork skips = vector_work(design, shape, phases);
  skips.left_out = {"lm_head"};
  const reports::Record record = phases_record(design, skips, run_phases(design, skips));
  for (const char* name : {"counted_tokens_per_s", "quantized_matmul_tokens_per_s", "quantized_linear_tokens_per_s"})
    EXPECT_EQ(std::ranges::count(record.metrics, name, &reports::Metric::name), 1) << name;
  for (const char* name : {"tokens_per_s", "matmul_tokens_per_s", "linear_tokens_per_s"})
    EXPECT_EQ(std::ranges::count(record.metrics, name, &reports::Metric::name), 0) << name;
}

TEST(VectorPhases, KeysThatDoNotGoAreProblems) {
  const auto problem = [](const std::vector<Setting>& settings) {
    return message_of([&] { read_design(kDesign, settings); });
  };
  EXPECT_THAT(problem({{"core.vector.lanes", "65", "--set"}}), testing::HasSubstr("is 65, expected 1..64"));
  EXPECT_THAT(problem({{"core.vector.arithmetic", "horowitz", "--set"}}), testing::HasSubstr("horowitz45"));
  EXPECT_THAT(problem({{"core.vector.lanes", "1", "--set"}, {"core.vector.row_buffer_kib", "4096", "--set"}}),
              testing::HasSubstr("holds 1048576 words of 1 lanes"));
  EXPECT_EQ(read_design("fp16-core-24x32").core->vector->params.row_words, 512U) << "64 KiB of 32 lanes";
}

TEST(VectorPhases, ARowThatTheBufferDoesNotHoldIsRefused) {
  const Design small = read_design(kDesign, {{"core.vector.row_buffer_kib", "1", "--set"}});
  ModelPhases phases{0, 1, 1, quant::parse_format("int8")};
  phases.context = 300;
  try {
    run_phases(small, vector_work(small, read_model_shape("embedded").shape, phases));
    FAIL() << "a context of 301 and 256 elements";
  } catch (const LayerRefused& error) {
    EXPECT_THAT(error.what(),
                testing::AllOf(testing::HasSubstr("self_attn.softmax: design"), testing::HasSubstr("a row has 301"),
                               testing::HasSubstr("core.vector.row_buffer_kib of at least 2")));
    EXPECT_THAT(error.what(), testing::Not(testing::HasSubstr("norm")));
  }
}

}  // namespace
}  // namespace subbyte::sim
