// Measures codes per second of every layout, and weights per second of the ternary and nested quantizers, on one core.
#include <benchmark/benchmark.h>

#include <random>
#include <vector>

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

PackedTensor quantized(const std::string& id) {
  static const std::vector<float> weights = gaussian();
  return quantize({weights, kRows, kCols}, parse_format(id));
}

void count(benchmark::State& state) {
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kRows * kCols));
}

void quantize_all(benchmark::State& state, const std::string& id) {
  for (auto _ : state) benchmark::DoNotOptimize(quantized(id));
  count(state);
}

void unpack(benchmark::State& state, const std::string& id) {
  const auto tensor = quantized(id);
  std::vector<std::uint8_t> codes(kCols);
  for (auto _ : state) {
    for (std::size_t row = 0; row < kRows; ++row) tensor.unpack_row(row, codes);
    benchmark::DoNotOptimize(codes.data());
  }
  count(state);
}

void pack(benchmark::State& state, const std::string& id) {
  const auto tensor = quantized(id);
  std::vector<std::vector<std::uint8_t>> rows(kRows, std::vector<std::uint8_t>(kCols));
  for (std::size_t row = 0; row < kRows; ++row) tensor.unpack_row(row, rows[row]);
  std::vector<std::uint8_t> bytes(tensor.code_row_bytes());
  for (auto _ : state) {
    for (const auto& codes : rows) pack_row(tensor.format.layout, tensor.format.alphabet.code_bits, codes, bytes);
    benchmark::DoNotOptimize(bytes.data());
  }
  count(state);
}

}  // namespace

int main(int argc, char** argv) {
  for (const std::string id : {"ternary", "ternary-5in8", "sherry", "nested8", "nested8:view=4", "matquant8",
                               "matquant8:view=4", "q4_0", "q8_0", "ternary:rule=mse", "sherry:rule=weighted"}) {
    benchmark::RegisterBenchmark(("quantize/" + id).c_str(), quantize_all, id);
  }
  for (const std::string id : {"ternary", "ternary-5in8", "sherry", "int4", "int8"}) {
    benchmark::RegisterBenchmark(("pack/" + id).c_str(), pack, id);
    benchmark::RegisterBenchmark(("unpack/" + id).c_str(), unpack, id);
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
