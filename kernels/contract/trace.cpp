#include "kernels/contract/trace.hpp"

#include <xxhash.h>

#include <algorithm>
#include <stdexcept>

namespace subbyte::kernels {

Trace::Trace(std::size_t words_per_beat, bool timed, TraceWindow window)
    : timed_(timed), window_(window), kept_(words_per_beat) {}

void Trace::append(std::span<const std::uint64_t> beat, std::uint64_t cycle) {
  // The hash so far is the seed of the next one, so the order of the beats matters and no state is needed.
  data_hash_ = XXH3_64bits_withSeed(beat.data(), beat.size_bytes(), data_hash_);
  if (timed_) {
    cycle_hash_ = XXH3_64bits_withSeed(&cycle, sizeof cycle, cycle_hash_);
    cycles_ = cycle + 1;
  }
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

Verdict compare(const Trace& a, const Trace& b) {
  require_whole(a);
  require_whole(b);
  Verdict verdict;
  verdict.beats = std::max(a.size(), b.size());
  verdict.cycles_compared = a.timed() && b.timed();
  for (std::uint64_t i = 0; i < verdict.beats; ++i) {
    const bool both = i < a.size() && i < b.size();
    if (!both || !std::ranges::equal(a.beat(i), b.beat(i))) {
      ++verdict.bit_mismatches;
      if (!verdict.first_bit_mismatch) verdict.first_bit_mismatch = i;
    }
    if (verdict.cycles_compared && (!both || a.cycle(i) != b.cycle(i))) {
      ++verdict.cycle_mismatches;
      if (!verdict.first_cycle_mismatch) verdict.first_cycle_mismatch = i;
    }
  }
  return verdict;
}

}  // namespace subbyte::kernels
