#include "sim/netlist/waveforms.hpp"

#include <algorithm>
#include <bit>

namespace subbyte::sim {

WaveEvent* WaveformPool::take(std::size_t size) {
  if (size > kChunk) return chunks_.emplace_back(std::make_unique<WaveEvent[]>(size)).get();
  if (used_ + size > kChunk) {
    chunk_ = chunks_.emplace_back(std::make_unique<WaveEvent[]>(kChunk)).get();
    used_ = 0;
  }
  used_ += size;
  return chunk_ + used_ - size;
}

WaveformPool::Waveform WaveformPool::keep(std::span<const WaveEvent> events) {
  const std::size_t size = std::bit_ceil(std::max(kLeast, events.size() + 1));
  const auto size_class = static_cast<std::uint32_t>(std::countr_zero(size));
  auto& free = free_.at(size_class);
  WaveEvent* kept = nullptr;
  if (free.empty()) {
    kept = take(size);
  } else {
    kept = free.back();
    free.pop_back();
  }
  *std::ranges::copy(events, kept).out = WaveEvent{};
  return {kept, static_cast<std::uint32_t>(events.size()), size_class};
}

void InertialOutput::compact() {
  const auto first = pending_.begin() + static_cast<std::ptrdiff_t>(begin_);
  const auto last = pending_.begin() + static_cast<std::ptrdiff_t>(end_);
  const auto kept =
      std::copy_if(first, last, pending_.begin(), [](const WaveEvent& event) { return event.lanes != 0; });
  begin_ = 0;
  end_ = static_cast<std::size_t>(kept - pending_.begin());
}

}  // namespace subbyte::sim
