// Measures lane-terms per second of the golden functions: the PE array with scalar and vector code, and the whole
// golden tile.
#include <benchmark/benchmark.h>

#include "kernels/catalogue.hpp"
#include "kernels/parts/pe_array.hpp"
#include "kernels/parts/pe_array_simd.hpp"
#include "kernels/parts/random_values.hpp"
#include "kernels/parts/tile_beat.hpp"

namespace subbyte::kernels {
namespace {

constexpr unsigned kRows = 8;
constexpr unsigned kCols = 8;
constexpr unsigned kTermsPerChunk = 2;  // four-bit formats have two, so each chunk of activations meets two terms
constexpr unsigned kChunks = 256;

struct Operands {
  std::vector<std::vector<std::uint16_t>> activations;
  std::vector<std::vector<TermBits>> terms;
};

Operands draw_operands(const PeParams& params) {
  Random random(1);
  Operands operands;
  for (unsigned i = 0; i < kChunks; ++i) {
    operands.activations.push_back(draw_activations(random, ActivationKind::kGaussian, kRows * params.lanes, false));
    for (unsigned t = 0; t < kTermsPerChunk; ++t) {
      operands.terms.emplace_back(kCols * params.lanes);
      for (TermBits& term : operands.terms.back()) term = random.below(1U << (params.shift_width + 2));
    }
  }
  return operands;
}

void pe_array(benchmark::State& state, PeParams params, PeArrayPath path) {
  const Operands operands = draw_operands(params);
  PeArray array(params, kRows, kCols, path);
  for (auto _ : state) {
    for (unsigned i = 0; i < kChunks * kTermsPerChunk; ++i) {
      array.align(operands.activations[i / kTermsPerChunk], operands.terms[i]);
      array.accumulate(i % 64 == 63);
    }
    benchmark::DoNotOptimize(array.result(0, 0));
  }
  const double steps = static_cast<double>(state.iterations()) * kChunks * kTermsPerChunk * kRows * kCols;
  state.counters["lane_terms/s"] = benchmark::Counter(steps * params.lanes, benchmark::Counter::kIsRate);
  state.counters["s/PE_step"] = benchmark::Counter(steps, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.SetLabel(path == PeArrayPath::kSimd ? simd_target() : "scalar");
}

Beats tile_beats(const quant::Format& format, const TileParams& params, unsigned groups) {
  const TileBeatLayout layout(params);
  const unsigned chunks = static_cast<unsigned>(format.scaling.group) / params.lanes;
  Random random(2);
  Beats beats(layout.shape.words());
  for (unsigned i = 0; i < groups * chunks; ++i) {
    const std::span<std::uint64_t> beat = beats.append();
    const auto activations = draw_activations(random, ActivationKind::kGaussian, params.rows * params.lanes, false);
    for (unsigned l = 0; l < params.lanes; ++l) {
      for (unsigned r = 0; r < params.rows; ++r) {
        layout.set_activation(beat, r, l, activations[r * params.lanes + l]);
      }
      for (unsigned c = 0; c < params.cols; ++c) layout.set_code(beat, c, l, draw_code(random, format, false));
    }
    for (unsigned c = 0; c < params.cols; ++c) {
      layout.set_scale(beat, c, 0x2000);
      layout.set_channel_scale(beat, c, 0x3F800000);
    }
    layout.set_flags(beat, false, i % chunks == chunks - 1, i == groups * chunks - 1);
  }
  return beats;
}

void golden_tile(benchmark::State& state, const char* format_id) {
  const quant::Format format = quant::parse_format(format_id);
  const UnitInfo& info = unit("bitserial_tile");
  const Parameters point = resolve(info, {});
  const TileParams params = TileParams::of(point);
  const quant::TermProgram program = quant::lower(format);
  const Stimulus stimulus{config_writes(params.encoder, program), source_of(tile_beats(format, params, 32)), {}, 1};
  for (auto _ : state) benchmark::DoNotOptimize(info.golden(point, stimulus, {}).size());
  const double lane_terms = static_cast<double>(state.iterations()) * static_cast<double>(stimulus.input.count) *
                            program.terms * params.rows * params.cols * params.lanes;
  state.counters["lane_terms/s"] = benchmark::Counter(lane_terms, benchmark::Counter::kIsRate);
}

constexpr PeParams kDefault{};
constexpr PeParams kWide{4, 3, 16, 40, 8, false, false};
constexpr PeParams kExact{4, 3, 6, 20, 3, false, true};

BENCHMARK_CAPTURE(pe_array, default_scalar, kDefault, PeArrayPath::kScalar);
BENCHMARK_CAPTURE(pe_array, default_simd, kDefault, PeArrayPath::kSimd);
BENCHMARK_CAPTURE(pe_array, wide_scalar, kWide, PeArrayPath::kScalar);
BENCHMARK_CAPTURE(pe_array, wide_simd, kWide, PeArrayPath::kSimd);
BENCHMARK_CAPTURE(pe_array, exact_scalar, kExact, PeArrayPath::kScalar);
BENCHMARK_CAPTURE(pe_array, exact_simd, kExact, PeArrayPath::kSimd);
BENCHMARK_CAPTURE(golden_tile, bitmod_fp4, "bitmod-fp4");
BENCHMARK_CAPTURE(golden_tile, int8, "int8");

}  // namespace
}  // namespace subbyte::kernels
