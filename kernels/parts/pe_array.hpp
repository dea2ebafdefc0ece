// The PEs of a tile in lock-step. Weights are shared down a column, and activations along a row.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "kernels/bitserial_pe.hpp"

namespace subbyte::kernels {

/// Which code computes. The bits are the same.
enum class PeArrayPath : std::uint8_t { kSimd, kScalar };

/// rows x cols PEs with their stage-1 and accumulator registers. At a clock edge of the RTL call accumulate() first
/// (the beat that is in stage 1 moves on), and then align() (a new beat enters stage 1).
class PeArray {
 public:
  /// Throws std::invalid_argument when rows or cols is 0.
  PeArray(const PeParams& params, unsigned rows, unsigned cols, PeArrayPath path = PeArrayPath::kSimd);
  ~PeArray();
  PeArray(PeArray&&) noexcept;
  PeArray& operator=(PeArray&&) noexcept;

  /// Stage 1 of every PE takes `activations` [rows*lanes], FP16 patterns at r*lanes+l, and `terms` [cols*lanes] at
  /// c*lanes+l.
  void align(std::span<const std::uint16_t> activations, std::span<const TermBits> terms);
  /// Stage 2 of every PE adds what stage 1 holds into the accumulators. With `last` the results are kept for result()
  /// and the accumulators are cleared for the next group.
  void accumulate(bool last);
  /// Returns the finished group of PE (row, col) after the latest accumulate(true).
  PeState result(unsigned row, unsigned col) const;

  unsigned rows() const;
  unsigned cols() const;
  const PeParams& params() const;

  class Registers;

 private:
  std::unique_ptr<Registers> registers_;
};

}  // namespace subbyte::kernels
