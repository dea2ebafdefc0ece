// A term is the unit of work of a bit-serial datapath.
#pragma once

#include <compare>
#include <cstdint>

namespace subbyte::quant {

/// A term is worth ±2^shift when nonzero, and 0 otherwise. A level is a short sum of terms; a bit-serial PE takes one
/// term per lane and cycle (BitMoD, HPCA'25, Eq. 4, generalised: there is one shift per lane instead of exp plus a
/// shared bsig).
struct Term {
  bool negative = false;
  bool nonzero = false;
  std::uint8_t shift = 0;

  std::int64_t value() const {
    if (!nonzero) return 0;
    const std::int64_t magnitude = std::int64_t{1} << shift;
    return negative ? -magnitude : magnitude;
  }
  auto operator<=>(const Term&) const = default;
};

}  // namespace subbyte::quant
