// The `fast` engine of the core on the layers of Llama-2-7B, on 1,024 PEs with 512 KiB of buffers for weights and for
// activations behind 32 GB/s at 1 GHz, in the blocks that cost the fewest cycles. Times are of one thread.
#include <benchmark/benchmark.h>

#include "kernels/catalogue.hpp"
#include "sim/engines/core_schedule.hpp"

namespace subbyte {
namespace {

struct Shape {
  std::size_t outputs, inputs, count;  ///< `count` layers of a token's pass are equal
};
constexpr Shape kLayers[] = {{4096, 4096, 128}, {11008, 4096, 64}, {4096, 11008, 32}, {32000, 4096, 1}};

sim::CoreLayerPlan plan_of(const Shape& layer, std::size_t tokens) {
  sim::CoreLayerPlan plan;
  plan.parameters = kernels::resolve(kernels::unit("core"), {{"tile_rows", 4},
                                                             {"tile_cols", 4},
                                                             {"bus_bytes", 32},
                                                             {"weight_kib", 512},
                                                             {"activation_kib", 512},
                                                             {"output_kib", 128}});
  plan.core = kernels::CoreParams::of(plan.parameters);
  plan.channel = kernels::ChannelParams::of(1000, 32e9, 32);
  plan.channel.latency = 100;
  plan.channel.burst_words = 2;
  plan.shape = {.tokens = tokens, .outputs = layer.outputs, .inputs = layer.inputs, .group = 128, .selector_bits = 2};
  plan.beats = 2;
  return plan;
}

/// Schedules every different layer of a phase once, and sums the cycles of all of them.
void schedule_phase(benchmark::State& state) {
  const auto tokens = static_cast<std::size_t>(state.range(0));
  std::uint64_t cycles = 0;
  for (auto _ : state) {
    cycles = 0;
    for (const Shape& layer : kLayers)
      cycles += layer.count * sim::schedule_core("bench", plan_of(layer, tokens)).cycles();
    benchmark::DoNotOptimize(cycles);
  }
  state.counters["cycles"] = static_cast<double>(cycles);
}
BENCHMARK(schedule_phase)->Arg(1)->Arg(256)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace subbyte

BENCHMARK_MAIN();
