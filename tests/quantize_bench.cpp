// Weights per second of the quantizer on one core: 1024 x 4096 Gaussian weights, sigma 0.02.
#include <benchmark/benchmark.h>

#include <random>
#include <vector>

#include "quant/quantize_with.hpp"

namespace {

using namespace subbyte::quant;  // NOLINT: a benchmark's main file

constexpr std::size_t kRows = 1024;
constexpr std::size_t kCols = 4096;

std::vector<float> gaussian() {
  std::mt19937_64 random(1);
  std::normal_distribution<float> normal(0, 0.02F);
  std::vector<float> weights(kRows * kCols);
  for (auto& weight : weights) weight = normal(random);
  return weights;
}

void run(benchmark::State& state, const std::string& id, const GroupKernels& kernels, std::size_t rows) {
  static const std::vector<float> weights = gaussian();
  const auto format = parse_format(id);
  const MatrixView view{std::span(weights).first(rows * kCols), rows, kCols};
  for (auto _ : state) benchmark::DoNotOptimize(quantize_with(view, format, kernels));
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(rows * kCols));
}

void decode(benchmark::State& state, const std::string& id) {
  const auto weights = gaussian();
  const auto tensor = quantize({weights, kRows, kCols}, parse_format(id));
  std::vector<float> row(kCols);
  for (auto _ : state) {
    for (std::size_t r = 0; r < kRows; ++r) tensor.decode_row(r, row);
    benchmark::DoNotOptimize(row.data());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kRows * kCols));
}

}  // namespace

int main(int argc, char** argv) {
  for (const auto& row : format_table()) {
    for (const std::string keys : {"", ":scale=u8"}) {
      const auto id = row.name + ":g128" + keys;
      benchmark::RegisterBenchmark(("quantize/" + id).c_str(), run, id, simd_kernels(), kRows);
    }
    const auto id = row.name + ":g128";
    benchmark::RegisterBenchmark(("quantize_plain/" + id).c_str(), run, id, scalar_kernels(), kRows / 16);
    benchmark::RegisterBenchmark(("quantize/" + id + ":arith=fp16").c_str(), run, id + ":arith=fp16",
                                 simd_kernels(), kRows / 16);
    benchmark::RegisterBenchmark(("decode/" + id).c_str(), decode, id);
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
