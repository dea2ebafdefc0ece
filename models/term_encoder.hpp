// term_encoder in time: which term of the current beat is on the output (kernels/TIMING.md).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "kernels/stimulus.hpp"
#include "kernels/term_encoder.hpp"
#include "kernels/trace.hpp"

namespace subbyte::models {

kernels::Trace term_encoder_systemc(const kernels::Parameters& parameters, const kernels::Stimulus& stimulus,
                                    kernels::TraceWindow window);

/// The term counter of a term_encoder; latency 0, so it has no data registers.
class EncoderControl {
 public:
  unsigned term() const { return term_; }
  bool last(unsigned terms) const { return term_ + 1 >= terms; }
  /// An edge: the counter advances on an output handshake and wraps after the last term.
  void edge(bool output_handshake, unsigned terms) {
    if (output_handshake) term_ = last(terms) ? 0 : term_ + 1;
  }

 private:
  unsigned term_ = 0;
};

/// The encoder's table register, with all terms of a code remembered: kernels::encode() runs once per distinct
/// (code, selector, zero) and table instead of once per lane and cycle.
class EncoderMemory {
 public:
  static constexpr unsigned kTerms = 8;  ///< more than a control word can ask for
  using Terms = std::array<kernels::TermBits, kTerms>;

  explicit EncoderMemory(const kernels::EncoderParams& params);
  void configure(kernels::ConfigWrite write);
  unsigned terms() const { return table_.terms; }
  /// Stays where it is until the next configure().
  const Terms& terms_of(unsigned code, unsigned selector, unsigned zero);

 private:
  struct Page {  ///< one selector and zero point
    std::array<Terms, 256> terms;
    std::array<bool, 256> known{};
  };

  kernels::EncoderParams params_;
  kernels::EncoderTable table_;
  std::vector<std::unique_ptr<Page>> pages_;
};

}  // namespace subbyte::models
