// The C boundary between run_rtl() and a Verilated unit's shared library. It has plain data and callbacks, and nothing
// to link.
#pragma once

#include <cstddef>
#include <cstdint>

namespace subbyte::testbenches {

/// The number of clock cycles with rst_ni = 0 before cycle 0, and how a waveform's time maps to cycles: cycle c is the
/// low clock phase [t, t + kHalfPeriod) and the high phase [t + kHalfPeriod, t + 2 kHalfPeriod) with t = (c +
/// kResetCycles) * 2 kHalfPeriod. A unit needs one cycle (kernels/TIMING.md); in a second one a register that nobody
/// resets could take its value from those that are reset, and nobody would notice.
inline constexpr std::uint64_t kResetCycles = 1;
inline constexpr std::uint64_t kHalfPeriod = 5;

struct BenchConfigWrite {
  std::uint8_t address;
  std::uint32_t data;
};

struct BenchRun {
  void* context;  ///< first argument of the callbacks
  void (*fill)(void* context, std::size_t beat, std::uint64_t* words);
  int (*stalled)(void* context, int side, std::uint64_t cycle);
  void (*output)(void* context, const std::uint64_t* words, std::uint64_t cycle);
  /// Gives the output beat that is expected; 0 where it is not known. Asked only of a unit built for waveforms.
  int (*expected)(void* context, std::size_t beat, std::uint64_t* words);
  const BenchConfigWrite* config;
  std::size_t config_count;
  std::size_t input_count;
  unsigned input_bits;
  unsigned output_bits;
  /// Whether `stalled` is asked for the input side, and for the output side; otherwise nothing stalls there.
  bool input_asked;
  bool output_asked;
  std::size_t least_outputs;  ///< output beats that must come before the run can end
  std::uint64_t quiet_cycles;
  std::uint64_t deadlock_cycles;
  std::int64_t mutant;      ///< driven on mutant_i where the unit has such a port
  const char* fst_path;     ///< null where no waveform is wanted
  std::uint64_t fst_first;  ///< first cycle dumped
  std::uint64_t fst_last;   ///< one past the last
  char error[2048];         ///< set when the entry point returns nonzero
  /// Null where no coverage counters are wanted. Otherwise a library that was built with them writes them there.
  const char* coverage_path;
};

/// What the entry point returns: the run is complete; the unit misbehaved (a deadlock, a failed assertion, more beats
/// than the caller takes); or it could not be run (a waveform that cannot be written). `error` is filled in both cases.
enum BenchResult : int { kRun = 0, kUnitFailed = 1, kNotRun = 2 };

/// Name and type of the entry point.
inline constexpr const char* kBenchEntry = "subbyte_bench";
using BenchEntry = int (*)(BenchRun*);

}  // namespace subbyte::testbenches
