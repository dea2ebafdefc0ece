#include "kernels/core/channel.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace subbyte::kernels {
namespace {

/// Rounded up to a tenth, as text.
std::string tenths(double value) {
  const auto rounded = static_cast<std::uint64_t>(std::ceil(value * 10));
  return std::to_string(rounded / 10) + "." + std::to_string(rounded % 10);
}

}  // namespace

ChannelParams ChannelParams::of(double clock_mhz, double bytes_per_second, unsigned bus_bytes) {
  const double bytes_per_cycle = bytes_per_second / (clock_mhz * 1e6);
  if (bytes_per_cycle > bus_bytes * (1 + 1e-9))
    throw std::invalid_argument(
        "has a bus of " + std::to_string(bus_bytes) + " bytes, which moves no more per cycle, and the memory gives " +
        tenths(bytes_per_cycle) + " bytes per cycle: expected a wider bus_bytes, a faster clock or less bandwidth");
  ChannelParams params;
  params.cycle_ticks = 1024;
  params.word_ticks = std::max<std::uint64_t>(
      1024, static_cast<std::uint64_t>(std::ceil(1024 * bus_bytes / bytes_per_cycle * (1 - 1e-12))));
  return params;
}

void Channel::request(CoreCommand kind, const CoreTransfer& transfer, std::uint64_t cycle) {
  const bool writes = kind == CoreCommand::kWrite;
  const std::uint64_t turn = moved_ && writes != wrote_ ? params_.turnaround * params_.cycle_ticks : 0;
  const std::uint64_t ready = (cycle + 1 + (writes ? 0 : params_.latency)) * params_.cycle_ticks;
  const std::uint64_t start = std::max(free_ + turn, ready);
  const std::uint64_t offset = transfer.address % params_.burst_words;
  const std::uint64_t occupied = params_.occupied(transfer);
  free_ = start + occupied * params_.word_ticks;
  moved_ = true;
  wrote_ = writes;
  (writes ? words_.written : words_.read) += occupied;
  if (!writes) {
    reads_.push_back({start, offset, transfer.words});
    return;
  }
  write_start_ = start;
  write_offset_ = offset;
  data_left_ = transfer.words;
}

void Channel::data(std::uint64_t cycle, std::uint64_t count) {
  write_offset_ += count;
  data_left_ -= count;
  free_ = std::max(free_, (cycle + 1) * params_.cycle_ticks);
}

std::uint64_t Channel::word_from(std::uint64_t ahead) const {
  const Read& read = reads_.front();
  return up(read.start + (read.offset + ahead + 1) * params_.word_ticks);
}

void Channel::take_words(std::uint64_t count) {
  Read& read = reads_.front();
  read.offset += count;
  read.left -= count;
  if (read.left == 0) reads_.pop_front();
}

}  // namespace subbyte::kernels
