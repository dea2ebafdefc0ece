// Measures weights per second of the quantizer on one core: 1024 x 4096 Gaussian weights with sigma 0.02.
#include <benchmark/benchmark.h>

#include <random>
#include <vector>

#include "quant/rules/group_kernels.hpp"
#include "quant/rules/quantize.hpp"

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

void unpack(benchmark::State& state, const std::string& id) {
  const auto weights = gaussian();
  const auto tensor = quantize({weights, kRows, kCols}, parse_format(id));
  std::vector<std::uint8_t> row(kCols);
  for (auto _ : state) {
    for (std::size_t r = 0; r < kRows; ++r) tensor.unpack_row(r, row);
    benchmark::DoNotOptimize(row.data());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kRows * kCols));
}

}  // namespace

int main(int argc, char** argv) {
  for (const auto& row : format_table()) {
    std::vector<std::string> ids{row.format.id()};
    for (const auto& option : row.options) {
      if (option.name == "bias" || option.name == "view") continue;
      for (const auto& value : option.values) {
        if (value != option.values.front()) ids.push_back(row.format.id() + ":" + option.name + "=" + value);
      }
    }
    for (const auto& id : ids) {
      const bool slow = id.ends_with("arith=fp16");
      benchmark::RegisterBenchmark(("quantize/" + id).c_str(), run, id, simd_kernels(), slow ? kRows / 16 : kRows);
    }
    benchmark::RegisterBenchmark(("quantize_plain/" + ids[0]).c_str(), run, ids[0], scalar_kernels(), kRows / 16);
    benchmark::RegisterBenchmark(("decode/" + ids[0]).c_str(), decode, ids[0]);
    benchmark::RegisterBenchmark(("unpack/" + ids[0]).c_str(), unpack, ids[0]);
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
