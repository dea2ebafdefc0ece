// Waveforms of a net in 64 lanes at once: events, the memory that they lie in, and a gate's output that is being
// written.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <vector>

namespace subbyte::sim {

using Femtoseconds = std::uint32_t;
inline constexpr Femtoseconds kNever = std::numeric_limits<Femtoseconds>::max();

/// At `time` the value changes in `lanes`. A waveform is events in order of time, and one at kNever behind them.
struct WaveEvent {
  std::uint64_t lanes = 0;
  Femtoseconds time = kNever;
};

/// Blocks of memory for waveforms. What was released last is taken first, so what is in use stays near the core.
class WaveformPool {
 public:
  struct Waveform {
    WaveEvent* events = nullptr;  ///< null for one without events
    std::uint32_t count = 0, size_class = 0;
  };

  /// Keeps a copy, with its end behind it.
  Waveform keep(std::span<const WaveEvent> events);
  void release(Waveform& waveform) {
    if (waveform.events == nullptr) return;
    free_[waveform.size_class].push_back(waveform.events);
    waveform.events = nullptr;
  }

 private:
  static constexpr std::size_t kClasses = 28, kLeast = 4, kChunk = 1 << 14;
  WaveEvent* take(std::size_t size);

  std::array<std::vector<WaveEvent*>, kClasses> free_;
  std::vector<std::unique_ptr<WaveEvent[]>> chunks_;
  std::size_t used_ = kChunk;  ///< of `chunk_`
  WaveEvent* chunk_ = nullptr;
};

/// The output of a gate while its waveform is written. It is inertial: a value that is wanted for less than its delay
/// never appears.
class InertialOutput {
 public:
  /// It will hear of `most` wanted values at most.
  void start(std::uint64_t value, std::size_t most) {
    value_ = value;
    waiting_ = 0;
    begin_ = end_ = written_ = 0;
    if (events_.size() < 2 * most) events_.resize(4 * most);  // a value rises in some lanes and falls in others
  }
  /// Lets appear what is due at `time` or before.
  void advance(Femtoseconds time) {
    while (begin_ != end_ && pending_[begin_].time <= time) appear();
  }
  /// From `time` on the inputs stand for this value; rises and falls would appear at the times that are given.
  void want(std::uint64_t value, Femtoseconds rise, Femtoseconds fall) {
    const std::uint64_t wanted = value ^ value_, fresh = wanted & ~waiting_;
    if (const std::uint64_t taken_back = waiting_ & ~wanted; taken_back != 0)
      for (std::size_t i = begin_; i < end_; ++i) pending_[i].lanes &= ~taken_back;
    if ((fresh & value) != 0) push(rise, fresh & value);
    if ((fresh & ~value) != 0) push(fall, fresh & ~value);
    waiting_ = wanted;
  }
  void finish() {
    while (begin_ != end_) appear();
  }
  std::uint64_t value() const { return value_; }
  std::span<const WaveEvent> waveform() const { return {events_.data(), written_}; }

 private:
  void appear() {
    const WaveEvent& due = pending_[begin_++];
    if (due.lanes == 0) return;
    waiting_ &= ~due.lanes;
    value_ ^= due.lanes;
    if (written_ != 0 && events_[written_ - 1].time == due.time)
      events_[written_ - 1].lanes |= due.lanes;
    else
      events_[written_++] = due;
  }
  void push(Femtoseconds time, std::uint64_t lanes) {
    if (end_ == kMost) compact();
    std::size_t place = end_++;
    for (; place > begin_ && pending_[place - 1].time > time; --place) pending_[place] = pending_[place - 1];
    pending_[place] = {lanes, time};
  }
  void compact();

  static constexpr std::size_t kMost = 256;  ///< above 64, because a lane waits for one event at most
  std::uint64_t value_ = 0, waiting_ = 0;
  std::array<WaveEvent, kMost> pending_;  ///< from begin_ to end_, in order of time; empty ones were taken back
  std::size_t begin_ = 0, end_ = 0;
  std::vector<WaveEvent> events_;
  std::size_t written_ = 0;  ///< of events_
};

}  // namespace subbyte::sim
