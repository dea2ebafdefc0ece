#include "kernels/contract/trace.hpp"

#include <xxhash.h>

#include <algorithm>
#include <stdexcept>

namespace subbyte::kernels {

Trace::Trace(std::size_t words_per_beat, bool timed, TraceWindow window)
    : timed_(timed), window_(window), kept_(words_per_beat) {}

Trace::Trace(const BeatShape& shape, bool timed, TraceWindow window)
    : timed_(timed), time_bits_(time_mask(shape)), part_(time_bits_.size()), window_(window), kept_(shape.words()) {}

// The hash so far is the seed of the next one, so the order of the beats matters and no state is needed.
void Trace::hash(std::span<const std::uint64_t> beat, std::uint64_t cycle) {
  const auto add = [](std::uint64_t& hash, std::span<const std::uint64_t> words) {
    hash = XXH3_64bits_withSeed(words.data(), words.size_bytes(), hash);
  };
  if (timed_) add(cycle_hash_, {&cycle, 1});
  if (time_bits_.empty()) return add(data_hash_, beat);
  for (std::size_t i = 0; i < part_.size(); ++i) part_[i] = beat[i] & ~time_bits_[i];
  add(data_hash_, part_);
  for (std::size_t i = 0; i < part_.size(); ++i) part_[i] = beat[i] & time_bits_[i];
  if (timed_) add(cycle_hash_, part_);
}

void Trace::append(std::span<const std::uint64_t> beat, std::uint64_t cycle) {
  hash(beat, cycle);
  if (timed_) cycles_ = cycle + 1;
  if (count_ >= window_.first && count_ < window_.last) {
    kept_.append(beat);
    if (timed_) kept_cycles_.push_back(cycle);
  }
  if (++count_ % kCheckpointBeats == 0) checkpoints_.push_back({data_hash_, cycle_hash_});
}

std::vector<Trace::Checkpoint> Trace::checkpoints() const {
  std::vector<Checkpoint> all = checkpoints_;
  all.push_back({data_hash_, cycle_hash_});
  return all;
}

std::span<const std::uint64_t> Trace::beat(std::uint64_t i) const {
  if (i < window_.first || i - window_.first >= kept_.size()) {
    throw std::out_of_range("beat " + std::to_string(i) + " is not in the window of the trace");
  }
  return kept_[i - window_.first];
}

std::uint64_t Trace::cycle(std::uint64_t i) const {
  if (i < window_.first || i - window_.first >= kept_cycles_.size()) {
    throw std::out_of_range("the cycle of beat " + std::to_string(i) + " is not in the window of the trace");
  }
  return kept_cycles_[i - window_.first];
}

namespace {

void require_whole(const Trace& trace) {
  if (trace.window().first != 0 || trace.window().last < trace.size()) {
    throw std::invalid_argument("compare() needs traces that keep every beat; compare checkpoints instead");
  }
}

}  // namespace

bool same_beat(const Trace& a, const Trace& b, std::uint64_t i, BeatPart part) {
  const auto x = a.beat(i), y = b.beat(i);
  const std::vector<std::uint64_t>& mask = a.time_bits();
  for (std::size_t w = 0; w < x.size(); ++w) {
    const std::uint64_t time = mask.empty() ? 0 : mask[w];
    if (((x[w] ^ y[w]) & (part == BeatPart::kTimes ? time : ~time)) != 0) return false;
  }
  return true;
}

Verdict compare(const Trace& a, const Trace& b) {
  require_whole(a);
  require_whole(b);
  Verdict verdict;
  verdict.beats = std::max(a.size(), b.size());
  verdict.cycles_compared = a.timed() && b.timed();
  for (std::uint64_t i = 0; i < verdict.beats; ++i) {
    const bool both = i < a.size() && i < b.size();
    if (!both || !same_beat(a, b, i, BeatPart::kData)) {
      ++verdict.bit_mismatches;
      if (!verdict.first_bit_mismatch) verdict.first_bit_mismatch = i;
    }
    if (verdict.cycles_compared && (!both || a.cycle(i) != b.cycle(i) || !same_beat(a, b, i, BeatPart::kTimes))) {
      ++verdict.cycle_mismatches;
      if (!verdict.first_cycle_mismatch) verdict.first_cycle_mismatch = i;
    }
  }
  return verdict;
}

}  // namespace subbyte::kernels
