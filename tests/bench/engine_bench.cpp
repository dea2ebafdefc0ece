// Measures simulated lane-terms per second of bitserial_tile 8x8x4: SystemC with the scalar and the SIMD golden
// function, and the Verilated RTL. The engines take turns on the same stimulus. Rates are of the best turn in CPU time,
// so that a busy machine disturbs them little. Every turn's trace is compared, because a rate of wrong values would be
// worth nothing.
#include <benchmark/benchmark.h>
#include <time.h>

#include <algorithm>
#include <limits>
#include <random>
#include <string>

#include "kernels/catalogue.hpp"
#include "kernels/parts/code_field.hpp"
#include "kernels/parts/tile_beat.hpp"
#include "models/bitserial_tile.hpp"
#include "models/fast/bitserial_tile_fast.hpp"
#include "sim/engines/rtl_engine.hpp"

namespace subbyte {
namespace {

using kernels::PeArrayPath;
using kernels::Stimulus;
using kernels::Trace;

constexpr unsigned kGroup = 128;
constexpr unsigned kInputs = 512;
constexpr std::size_t kTiles = 40;
constexpr kernels::TraceWindow kNoBeats{0, 0};

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Makes output tiles of kInputs inputs in groups of kGroup, with random codes and with activations of both signs over
/// 2^-6 .. 2^1.
Stimulus layer(const quant::Format& format, const kernels::TileParams& params) {
  const kernels::TileBeatLayout layout(params);
  std::mt19937 random(1);
  kernels::Beats beats(layout.shape.words());
  for (unsigned first = 0; first < kInputs; first += params.lanes) {
    const std::span<std::uint64_t> beat = beats.append();
    for (unsigned r = 0; r < params.rows; ++r) {
      for (unsigned l = 0; l < params.lanes; ++l) {
        const unsigned pattern = (random() & 1) << 15 | (9 + random() % 8) << 10 | (random() & 0x3FF);
        layout.set_activation(beat, r, l, static_cast<std::uint16_t>(pattern));
      }
    }
    for (unsigned c = 0; c < params.cols; ++c) {
      for (unsigned l = 0; l < params.lanes; ++l) {
        const unsigned raw = random() % (1U << format.alphabet.code_bits);
        layout.set_code(beat, c, l, kernels::code_field(format, raw));
      }
      layout.set_selector(beat, c, first / kGroup % format.alphabet.selectors());
      layout.set_scale(beat, c, 0x2C00);
      layout.set_channel_scale(beat, c, 0x3F800000);
    }
    layout.set_flags(beat, false, (first + params.lanes) % kGroup == 0, first + params.lanes == kInputs);
  }
  Stimulus stimulus;
  stimulus.config = kernels::config_writes(params.encoder, quant::lower(format));
  stimulus.input = {kTiles * beats.size(), beats.stride(), [beats](std::size_t i, std::span<std::uint64_t> beat) {
                      std::ranges::copy(beats[i % beats.size()], beat.begin());
                    }};
  stimulus.cases = kTiles;
  return stimulus;
}

template <class Run>
void turn(const Run& run, double& best_seconds, Trace& trace) {
  const double start = cpu_seconds();
  trace = run();
  best_seconds = std::min(best_seconds, cpu_seconds() - start);
}

void engines(benchmark::State& state, const std::string& format_id, bool with_rtl) {
  const quant::Format format = quant::parse_format(format_id);
  const kernels::Parameters parameters = resolve(kernels::bitserial_tile_info(), {});
  const auto params = kernels::TileParams::of(parameters);
  const Stimulus stimulus = layer(format, params);
  const unsigned terms = kernels::table_of(params.encoder, stimulus.config).terms;
  const double lane_terms =
      1.0 * params.rows * params.cols * params.lanes * terms * static_cast<double>(stimulus.input.count);
  const auto systemc = [&](PeArrayPath path) {
    return models::bitserial_tile_on(path, kernels::unit("bitserial_tile"), parameters, stimulus, kNoBeats);
  };
  const auto rtl = [&] { return sim::run_rtl(kernels::unit("bitserial_tile"), parameters, stimulus, kNoBeats); };
  Trace expected = systemc(PeArrayPath::kSimd);
  if (with_rtl) expected = rtl();  // this builds the library, which must not count

  double scalar = std::numeric_limits<double>::infinity();
  double simd = scalar;
  double verilated = scalar;
  for (auto _ : state) {
    Trace trace;
    const auto check = [&](const char* engine) {
      if (trace.checkpoints() != expected.checkpoints())
        state.SkipWithError((std::string(engine) + " differs").c_str());
    };
    turn([&] { return systemc(PeArrayPath::kScalar); }, scalar, trace);
    check("scalar");
    turn([&] { return systemc(PeArrayPath::kSimd); }, simd, trace);
    check("simd");
    if (!with_rtl) continue;
    turn(rtl, verilated, trace);
    check("rtl");
  }
  state.counters["systemc_scalar"] = lane_terms / scalar;
  state.counters["systemc_simd"] = lane_terms / simd;
  if (!with_rtl) return;
  state.counters["rtl"] = lane_terms / verilated;
  state.counters["scalar_to_rtl"] = verilated / scalar;
  state.counters["simd_to_rtl"] = verilated / simd;
}

void fast(benchmark::State& state) {
  // A layer of 4096 x 4096 for 512 tokens has 64 x 512 tiles.
  models::TileWork work = models::tile_work(64 * 512, 4096, kGroup, 4);
  for (auto _ : state) benchmark::DoNotOptimize(models::tile_cycles(work));
}

BENCHMARK_CAPTURE(engines, systemc_bitmod_fp4, "bitmod-fp4:g128", false)->Unit(benchmark::kMillisecond)->Iterations(7);
BENCHMARK_CAPTURE(engines, systemc_int8, "int8:g128", false)->Unit(benchmark::kMillisecond)->Iterations(7);
BENCHMARK_CAPTURE(engines, bitmod_fp4, "bitmod-fp4:g128", true)->Unit(benchmark::kMillisecond)->Iterations(7);
BENCHMARK_CAPTURE(engines, int8, "int8:g128", true)->Unit(benchmark::kMillisecond)->Iterations(7);
BENCHMARK(fast);

}  // namespace
}  // namespace subbyte
