// term_encoder in time: which term of the current beat is on the output (kernels/TIMING.md).
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "kernels/contract/stimulus.hpp"
#include "kernels/contract/trace.hpp"
#include "kernels/term_encoder.hpp"

namespace subbyte::models {

/// The term counter of a term_encoder. Its latency is 0, so it has no data registers.
class EncoderControl {
 public:
  unsigned term() const { return term_; }
  bool last(unsigned terms) const { return term_ + 1 >= terms; }
  /// Makes an edge: the counter advances on an output handshake and wraps after the last term.
  void edge(bool output_handshake, unsigned terms) {
    if (output_handshake) term_ = last(terms) ? 0 : term_ + 1;
  }

 private:
  unsigned term_ = 0;
};

/// The encoder's table registers, and the terms of every code by them once they are first asked for.
class EncoderMemory {
 public:
  explicit EncoderMemory(const kernels::EncoderParams& params);
  void configure(kernels::ConfigWrite write);
  unsigned terms() const { return table_.terms; }
  /// The terms stay where they are until the next configure().
  std::span<const std::uint8_t, 8> terms_of(unsigned code, unsigned selector, unsigned zero) {
    if (!lookup_) lookup_.emplace(params_, table_);
    return lookup_->terms(code, selector, zero);
  }

 private:
  kernels::EncoderParams params_;
  kernels::EncoderTable table_;
  std::optional<kernels::EncoderLookup> lookup_;
};

}  // namespace subbyte::models
