// Measures multiply-accumulates per second of the exact linear layer: a block of tokens, one token, packed weights,
// quantized activations (whose sums are exact in double), and the fixed-point path alone.
#include <benchmark/benchmark.h>

#include <cmath>
#include <random>
#include <vector>

#include "kernels/linear/exact_linear.hpp"
#include "quant/rules/quantize.hpp"

namespace subbyte::kernels {
namespace {

std::vector<float> gaussian(std::size_t size, float sigma) {
  std::mt19937_64 random(size);
  std::normal_distribution<float> normal(0, sigma);
  std::vector<float> values(size);
  for (auto& value : values) value = normal(random);
  return values;
}

void count(benchmark::State& state, std::size_t macs) {
  state.counters["MAC/s"] = benchmark::Counter(static_cast<double>(state.iterations()) * static_cast<double>(macs),
                                               benchmark::Counter::kIsRate);
}

/// The arguments are tokens, outputs, inputs and threads.
void dense(benchmark::State& state) {
  const auto tokens = static_cast<std::size_t>(state.range(0));
  const auto out = static_cast<std::size_t>(state.range(1));
  const auto in = static_cast<std::size_t>(state.range(2));
  const auto x = gaussian(tokens * in, 1);
  const auto w = gaussian(out * in, 0.02F);
  std::vector<float> y(tokens * out);
  for (auto _ : state) exact_linear(x, tokens, w, out, in, y, static_cast<unsigned>(state.range(3)));
  count(state, tokens * out * in);
}

void packed(benchmark::State& state, const char* id, bool integers) {
  const auto tokens = static_cast<std::size_t>(state.range(0));
  constexpr std::size_t kOut = 1024;
  constexpr std::size_t kIn = 4096;
  auto x = gaussian(tokens * kIn, 32);
  if (integers) {
    for (auto& value : x) value = std::round(value);
  }
  const auto tensor = quant::quantize({gaussian(kOut * kIn, 0.02F), kOut, kIn}, quant::parse_format(id));
  std::vector<float> y(tokens * kOut);
  for (auto _ : state) exact_linear(tensor, x, tokens, y);
  count(state, tokens * kOut * kIn);
}

void fixed_point(benchmark::State& state) {
  const auto x = gaussian(4096, 1);
  const auto w = gaussian(4096, 0.02F);
  for (auto _ : state) benchmark::DoNotOptimize(exact_dot(x, w));
  count(state, x.size());
}

BENCHMARK(dense)->Args({64, 1024, 4096, 1})->Args({1, 1024, 4096, 1})->Args({4, 1024, 4096, 1})->UseRealTime();
BENCHMARK(dense)->Args({64, 1024, 4096, 2})->Args({64, 288, 288, 1})->Args({1, 64, 64, 1})->UseRealTime();
BENCHMARK_CAPTURE(packed, int4, "int4", false)->Arg(64)->Arg(1);
BENCHMARK_CAPTURE(packed, int4_integers, "int4", true)->Arg(64);
BENCHMARK(fixed_point);

}  // namespace
}  // namespace subbyte::kernels
