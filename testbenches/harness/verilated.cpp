#include "testbenches/harness/verilated.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "kernels/contract/flow.hpp"
#include "testbenches/harness/bench_abi.hpp"

namespace subbyte::testbenches {
namespace {

using kernels::Parameters;
using kernels::Side;
using kernels::Stimulus;
using kernels::Trace;

/// What the callbacks of one run work on.
struct Session {
  const Stimulus& stimulus;
  Trace& trace;
  std::size_t output_words;
  std::uint64_t max_beats;
  std::vector<std::uint64_t> beat;
  bool too_many = false;
  const Trace* expected = nullptr;
  std::unique_ptr<kernels::Flow> flow = nullptr;
};

void fill(void* context, std::size_t index, std::uint64_t* words) {
  auto& session = *static_cast<Session*>(context);
  session.stimulus.input.fill(index, session.beat);
  std::ranges::copy(session.beat, words);
}

int stalled(void* context, int side, std::uint64_t cycle) {
  kernels::Flow& flow = *static_cast<Session*>(context)->flow;
  return (static_cast<Side>(side) == Side::kInput ? flow.offers(cycle) : flow.takes(cycle)) ? 0 : 1;
}

void output(void* context, const std::uint64_t* words, std::uint64_t cycle) {
  auto& session = *static_cast<Session*>(context);
  session.too_many = session.trace.size() == session.max_beats;
  if (session.too_many)
    throw kernels::RunFailure("more than " + std::to_string(session.max_beats) + " output beats, at cycle " +
                              std::to_string(cycle));
  const std::span<const std::uint64_t> beat{words, session.output_words};
  session.trace.append(beat, cycle);
  session.flow->taken(beat, cycle);
}

int expected(void* context, std::size_t beat, std::uint64_t* words) {
  const Trace* trace = static_cast<Session*>(context)->expected;
  const kernels::TraceWindow none{0, 0};
  const kernels::TraceWindow window = trace == nullptr ? none : trace->window();
  if (beat < window.first || beat >= window.last || beat >= trace->size()) return 0;
  std::ranges::copy(trace->beat(beat), words);
  return 1;
}

BenchEntry load_entry(const std::filesystem::path& library) {
  // It is never closed, so the next run of the same point finds it loaded.
  void* handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) throw std::runtime_error(std::string("cannot load a Verilated unit: ") + dlerror());
  void* entry = dlsym(handle, kBenchEntry);
  if (entry == nullptr) throw std::runtime_error(library.string() + " has no entry point " + kBenchEntry);
  return reinterpret_cast<BenchEntry>(entry);
}

BenchRun bench_run(const kernels::UnitInfo& info, const Parameters& parameters, const Stimulus& stimulus,
                   const BenchOptions& options) {
  BenchRun run{};
  run.fill = fill;
  run.stalled = stalled;
  run.output = output;
  run.expected = expected;
  run.input_count = stimulus.input.count;
  run.input_bits = info.input_shape(parameters).bits();
  run.output_bits = info.output_shape(parameters).bits();
  run.input_asked = stimulus.flow || stimulus.stalls.input_percent > 0;
  run.output_asked = stimulus.flow || stimulus.stalls.output_percent > 0;
  run.quiet_cycles = kernels::kQuietCycles;
  run.deadlock_cycles = stimulus.deadlock_cycles;
  run.least_outputs = stimulus.least_outputs;
  run.mutant = std::max(options.mutant, 0);
  run.fst_path = options.fst_path.empty() ? nullptr : options.fst_path.c_str();
  run.fst_first = options.fst_first;
  run.fst_last = options.fst_last;
  run.coverage_path = options.coverage_path.empty() ? nullptr : options.coverage_path.c_str();
  return run;
}

}  // namespace

Trace run_verilated(const std::filesystem::path& library, const kernels::UnitInfo& unit, const Parameters& parameters,
                    const Stimulus& stimulus, kernels::TraceWindow window, const BenchOptions& options) {
  BenchRun run = bench_run(unit, parameters, stimulus, options);
  const std::size_t words = (run.output_bits + 63) / 64;
  Trace trace(unit.output_shape(parameters), true, window);
  Session session{stimulus, trace, words, options.max_beats, std::vector<std::uint64_t>(stimulus.input.words)};
  if (stimulus.input.count > 0 && stimulus.input.words != (run.input_bits + 63) / 64)
    throw std::invalid_argument("run_verilated: the stimulus has " + std::to_string(stimulus.input.words) +
                                " words per beat, unit " + unit.name + " takes " +
                                std::to_string((run.input_bits + 63) / 64));
  std::vector<BenchConfigWrite> config;
  for (const auto& write : stimulus.config) config.push_back({write.address, write.data});
  session.expected = options.expected;
  session.flow = kernels::flow_of(stimulus);
  run.context = &session;
  run.config = config.data();
  run.config_count = config.size();
  const int result = load_entry(library)(&run);
  if (result == kUnitFailed || session.too_many) throw kernels::RunFailure(unit.name + ": " + run.error);
  if (result != kRun) throw std::runtime_error(unit.name + ": " + run.error);
  return trace;
}

std::uint64_t wave_time(std::uint64_t cycle) { return (cycle + kResetCycles) * 2 * kHalfPeriod + kHalfPeriod - 1; }

}  // namespace subbyte::testbenches
