// A trace is what an engine answers: output beats, the cycle of each, and a running hash with checkpoints.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernels/contract/beat.hpp"

namespace subbyte::kernels {

/// What the circuit or its model did wrong on a stimulus, so that its answer is no trace: a deadlock, an assertion that
/// failed, more beats than asked for. Everything else that goes wrong in an engine (tools that are missing, a full
/// disk, RTL that does not compile) is another exception: it says nothing about the circuit.
struct RunFailure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Which beats a trace keeps in full; every beat enters the hashes in any case.
struct TraceWindow {
  std::uint64_t first = 0;
  std::uint64_t last = UINT64_MAX;  ///< one past the end
};

/// Output beats in order. `timed` is false for an engine without cycles (golden). A checkpoint after every
/// kCheckpointBeats beats holds the hash of all data, and the hash of all cycles, so far. So memory stays flat, and the
/// first checkpoint that differs bounds where to replay.
class Trace {
 public:
  static constexpr std::uint64_t kCheckpointBeats = 4096;
  struct Checkpoint {
    std::uint64_t data_hash = 0;
    std::uint64_t cycle_hash = 0;
    bool operator==(const Checkpoint&) const = default;
  };

  explicit Trace(std::size_t words_per_beat = 1, bool timed = false, TraceWindow window = {});
  /// Makes the trace of a unit with beats of this shape. Numbers of cycles in them (FieldKind::kCycles) are times: they
  /// enter the hash of the cycles, and not that of the data.
  Trace(const BeatShape& shape, bool timed, TraceWindow window = {});
  /// The cycle is ignored when the trace is not timed. A beat is stamped at the edge where valid and ready are both
  /// high.
  void append(std::span<const std::uint64_t> beat, std::uint64_t cycle = 0);

  bool timed() const { return timed_; }
  std::uint64_t size() const { return count_; }
  /// Returns the cycle of the last beat plus one, or 0 without beats.
  std::uint64_t cycles() const { return cycles_; }
  /// Returns the hashes after every full checkpoint; the last element is that of the whole.
  std::vector<Checkpoint> checkpoints() const;
  const TraceWindow& window() const { return window_; }
  /// Returns beat i, which must lie in the window (std::out_of_range).
  std::span<const std::uint64_t> beat(std::uint64_t i) const;
  std::uint64_t cycle(std::uint64_t i) const;
  /// The bits of a beat that are numbers of cycles; empty where there are none.
  const std::vector<std::uint64_t>& time_bits() const { return time_bits_; }

 private:
  void hash(std::span<const std::uint64_t> beat, std::uint64_t cycle);

  bool timed_;
  std::vector<std::uint64_t> time_bits_;
  std::vector<std::uint64_t> part_;  ///< scratch of hash()
  TraceWindow window_;
  Beats kept_;
  std::vector<std::uint64_t> kept_cycles_;
  std::uint64_t count_ = 0;
  std::uint64_t cycles_ = 0;
  std::uint64_t data_hash_ = 0;
  std::uint64_t cycle_hash_ = 0;
  std::vector<Checkpoint> checkpoints_;
};

/// Whether beat i, which both windows keep, is equal in its data, or else in its numbers of cycles.
enum class BeatPart : std::uint8_t { kData, kTimes };
bool same_beat(const Trace& a, const Trace& b, std::uint64_t i, BeatPart part);

/// Compares two traces whose windows keep every beat.
struct Verdict {
  std::uint64_t beats = 0;             ///< beats compared (the longer trace)
  std::uint64_t bit_mismatches = 0;    ///< beats whose bits differ; a missing beat counts
  std::uint64_t cycle_mismatches = 0;  ///< beats whose cycles differ; 0 unless both traces are timed
  bool cycles_compared = false;
  std::optional<std::uint64_t> first_bit_mismatch;
  std::optional<std::uint64_t> first_cycle_mismatch;
  bool equal() const { return bit_mismatches == 0 && cycle_mismatches == 0; }
};
Verdict compare(const Trace& a, const Trace& b);

}  // namespace subbyte::kernels
