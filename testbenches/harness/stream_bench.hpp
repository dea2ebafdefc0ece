// Drives a Verilated unit through its streams (kernels/TIMING.md, kernels/contract/stimulus.hpp) and stamps what it
// answers. testbenches/harness/verilate.sh compiles it with bench_main.cpp; it never goes into the library.
#pragma once

#include <verilated.h>
#if VM_TRACE
#include <verilated_fst_c.h>
#endif
#if VM_COVERAGE
#include <verilated_cov.h>
#endif

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "testbenches/harness/bench_abi.hpp"

namespace subbyte::testbenches {

inline thread_local std::string printed;

/// The unit misbehaved, as opposed to a run that could not be made.
struct BenchFailure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Sets a port of any Verilated type. Bits above the port's width must be zero (Verilator's rule for inputs).
template <typename Port>
void load(Port& port, const std::uint64_t* words) {
  if constexpr (std::is_integral_v<Port>) {
    port = static_cast<Port>(words[0]);
  } else {
    std::memcpy(port.m_storage, words, sizeof port.m_storage);
  }
}

template <typename Port>
void store(const Port& port, std::uint64_t* words, std::size_t count) {
  words[count - 1] = 0;
  if constexpr (std::is_integral_v<Port>) {
    words[0] = port;
  } else {
    std::memcpy(words, port.m_storage, sizeof port.m_storage);
  }
}

template <typename Unit>
class StreamBench {
 public:
  explicit StreamBench(BenchRun& run)
      : run_(run),
        context_(std::make_unique<VerilatedContext>()),
        in_((run.input_bits + 63) / 64),
        out_((run.output_bits + 63) / 64),
        expected_(out_.size()) {
    context_->randReset(2);  // nothing may depend on the state before reset
    context_->assertOn(true);
    context_->errorLimit(1);
#if VM_TRACE
    context_->traceEverOn(run.fst_path != nullptr);
#endif
    unit_ = std::make_unique<Unit>(context_.get());
  }

  void drive() {
    open_waves();
    reset();
    for (std::uint64_t cycle = 0;; ++cycle) {
      const bool active = sample(cycle);
      quiet_ = active ? 0 : quiet_ + 1;
      present(cycle + 1);
      dump(cycle, 0);
      edge();
      dump(cycle, kHalfPeriod);
      unit_->clk_i = 0;
      unit_->eval();
      const bool whole = accepted_ == run_.input_count && given_ >= run_.least_outputs;
      if (whole && quiet_ >= run_.quiet_cycles && cycle + 1 >= run_.config_count) break;
      if (!whole && quiet_ >= run_.deadlock_cycles) deadlock(cycle);
    }
    unit_->final();
    close_waves();
#if VM_COVERAGE
    if (run_.coverage_path != nullptr) context_->coveragep()->write(run_.coverage_path);
#endif
  }

 private:
  void edge() {
    unit_->clk_i = 1;
    unit_->eval();
  }

  /// Leaves the inputs of cycle 0 in the top's registers.
  void reset() {
    unit_->clk_i = 0;
    unit_->rst_ni = 0;
    unit_->next_in_valid_i = 0;
    unit_->next_out_ready_i = 0;
    if constexpr (requires(Unit & u) { u.next_cfg_valid_i; }) unit_->next_cfg_valid_i = 0;
    if constexpr (requires(Unit & u) { u.mutant_i; }) unit_->mutant_i = static_cast<std::uint16_t>(run_.mutant);
    unit_->eval();
    for (std::uint64_t i = 0; i < kResetCycles; ++i) {
      if (i + 1 == kResetCycles) present(0);
      edge();
      unit_->clk_i = 0;
      unit_->eval();
    }
    unit_->rst_ni = 1;
  }

  /// Sets what the top's registers are to hold in `cycle`.
  void present(std::uint64_t cycle) {
    if constexpr (requires(Unit & u) { u.next_cfg_valid_i; }) {
      unit_->next_cfg_valid_i = cycle < run_.config_count;
      if (cycle < run_.config_count) {
        unit_->next_cfg_addr_i = run_.config[cycle].address;
        unit_->next_cfg_data_i = run_.config[cycle].data;
      }
    }
    const bool may = !pending_ && accepted_ < run_.input_count && cycle >= run_.config_count;
    if (may && (!run_.input_asked || !run_.stalled(run_.context, 0, cycle))) {
      run_.fill(run_.context, accepted_, in_.data());
      load(unit_->next_in_data_i, in_.data());
      pending_ = true;
    } else if (!pending_ && unit_->next_in_valid_i) {
      spoil();
    }
    unit_->next_in_valid_i = pending_;
    if constexpr (requires(Unit & u) { u.next_expected_data_i; }) {
      unit_->next_expected_valid_i = run_.expected(run_.context, given_, expected_.data());
      load(unit_->next_expected_data_i, expected_.data());
    }
    unit_->next_out_ready_i = !run_.output_asked || !run_.stalled(run_.context, 1, cycle);
  }

  /// Data beside valid = 0 must not matter, so the previous beat's complement is put there.
  void spoil() {
    for (auto& word : in_) word = ~word;
    if (run_.input_bits % 64 != 0) in_.back() &= (std::uint64_t{1} << run_.input_bits % 64) - 1;
    load(unit_->next_in_data_i, in_.data());
  }

  bool sample(std::uint64_t cycle) {
    const bool out =
        unit_->out_valid_o && unit_->next_out_ready_i;  // next_* still hold what was presented for this cycle
    const bool in = pending_ && unit_->in_ready_o;
    if (out) {
      store(unit_->out_data_o, out_.data(), out_.size());
      ++given_;
      run_.output(run_.context, out_.data(), cycle);
    }
    if (in) {
      ++accepted_;
      pending_ = false;
    }
    return in || out;
  }

  [[noreturn]] void deadlock(std::uint64_t cycle) {
    throw BenchFailure("deadlock: no handshake for " + std::to_string(run_.deadlock_cycles) + " cycles up to cycle " +
                       std::to_string(cycle) + ", " + std::to_string(accepted_) + " of " +
                       std::to_string(run_.input_count) + " input beats accepted, " + std::to_string(given_) +
                       " output beats given");
  }

#if VM_TRACE
  void open_waves() {
    if (run_.fst_path == nullptr) return;
    waves_ = std::make_unique<VerilatedFstC>();
    unit_->trace(waves_.get(), 99);
    waves_->open(run_.fst_path);
    if (!waves_->isOpen()) throw std::runtime_error(std::string("cannot write ") + run_.fst_path);
  }
  void dump(std::uint64_t cycle, std::uint64_t phase) {
    if (!waves_ || cycle < run_.fst_first || cycle >= run_.fst_last) return;
    waves_->dump((cycle + kResetCycles) * 2 * kHalfPeriod + phase);
  }
  void close_waves() {
    if (waves_) waves_->close();
  }
  std::unique_ptr<VerilatedFstC> waves_;
#else
  void open_waves() {}
  void dump(std::uint64_t, std::uint64_t) {}
  void close_waves() {}
#endif

  BenchRun& run_;
  std::unique_ptr<VerilatedContext> context_;
  std::unique_ptr<Unit> unit_;
  std::vector<std::uint64_t> in_, out_, expected_;
  std::size_t accepted_ = 0, given_ = 0;
  bool pending_ = false;
  std::uint64_t quiet_ = 0;
};

/// The entry point's body, which never throws across the C boundary.
template <typename Unit>
int run_bench(BenchRun* run) {
  printed.clear();
  try {
    StreamBench<Unit>(*run).drive();
    return 0;
  } catch (const std::exception& error) {
    std::snprintf(run->error, sizeof run->error, "%s%s%s", printed.c_str(), printed.empty() ? "" : "; ", error.what());
    return dynamic_cast<const BenchFailure*>(&error) != nullptr ? kUnitFailed : kNotRun;
  }
}

}  // namespace subbyte::testbenches

extern "C" int subbyte_bench_print(const char* format, ...) {
  char text[1024];
  va_list arguments;
  va_start(arguments, format);
  const int length = std::vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  subbyte::testbenches::printed += text;
  return length;
}

// These are Verilator's hooks (built with VL_USER_STOP and VL_USER_FATAL): a failing assertion ends the run as an
// error.
void vl_stop(const char* file, int line, const char*) VL_MT_UNSAFE {
  throw subbyte::testbenches::BenchFailure(std::string("assertion failed at ") + file + ":" + std::to_string(line));
}
void vl_fatal(const char* file, int line, const char*, const char* message) VL_MT_UNSAFE {
  throw subbyte::testbenches::BenchFailure(std::string(message) + " at " + file + ":" + std::to_string(line));
}
