// The memory channel in its fixed mode: when commands are taken and words come, as a function of the commands alone
// (kernels/CORE.md).
#pragma once

#include <cstdint>
#include <deque>

#include "kernels/core/core_layer.hpp"

namespace subbyte::kernels {

/// A word of the bus takes word_ticks / cycle_ticks cycles, which is at least one.
struct ChannelParams {
  std::uint64_t word_ticks = 1, cycle_ticks = 1;
  std::uint32_t burst_words = 4;  ///< words move in whole bursts of as many, from multiples of it on
  std::uint32_t latency = 20;     ///< cycles from a taken request to the start of its first burst
  std::uint32_t turnaround = 4;   ///< cycles between a read and a write, and back

  /// Returns the words of the bus that a transfer occupies, in whole bursts.
  std::uint64_t occupied(const CoreTransfer& transfer) const {
    const std::uint64_t behind = transfer.address % burst_words + transfer.words;
    return (behind + burst_words - 1) / burst_words * burst_words;
  }
  /// Returns the channel of a clock and a bandwidth, in ticks of 1/1024 of a cycle, rounded up. Throws
  /// std::invalid_argument where the bus cannot carry the bandwidth.
  static ChannelParams of(double clock_mhz, double bytes_per_second, unsigned bus_bytes);
};

/// Words of the bus that crossed it, in whole bursts.
struct ChannelWords {
  std::uint64_t read = 0, written = 0;
};

/// The channel as a sequence of commands; they are served in their order.
class Channel {
 public:
  explicit Channel(const ChannelParams& params) : params_(params) {}

  /// A read request or an announcement was taken in `cycle`. Announcements follow the data of the one before.
  void request(CoreCommand kind, const CoreTransfer& transfer, std::uint64_t cycle);
  /// Whether the channel waits for the data of an announced write, and the first cycle in which it takes the next word.
  bool expects_data() const { return data_left_ > 0; }
  std::uint64_t data_from(std::uint64_t ahead = 0) const {
    return up(write_start_ + (write_offset_ + ahead) * params_.word_ticks);
  }
  /// The next `count` words were taken, the last one in `cycle`.
  void data(std::uint64_t cycle, std::uint64_t count = 1);
  /// Whether words were asked for that nobody took, the cycle from which on the next one is there, and that of word
  /// `ahead` behind it in the same request.
  bool has_words() const { return !reads_.empty(); }
  std::uint64_t word_from(std::uint64_t ahead = 0) const;
  /// The next `count` words of the same request were taken.
  void take_words(std::uint64_t count = 1);
  const ChannelWords& words() const { return words_; }

 private:
  struct Read {
    std::uint64_t start = 0;   ///< in ticks, of its first burst
    std::uint64_t offset = 0;  ///< of the next word, from the start of the first burst
    std::uint64_t left = 0;
  };
  std::uint64_t up(std::uint64_t ticks) const { return (ticks + params_.cycle_ticks - 1) / params_.cycle_ticks; }

  ChannelParams params_;
  std::deque<Read> reads_;
  std::uint64_t free_ = 0;  ///< in ticks: when the bus is free
  bool wrote_ = false, moved_ = false;
  std::uint64_t write_start_ = 0, write_offset_ = 0, data_left_ = 0;
  ChannelWords words_;
};

}  // namespace subbyte::kernels
