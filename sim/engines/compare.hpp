// Compares what engines answered. It finds the first checkpoint that differs, the first beat, and the first field, and
// tells the values in the field's terms.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>

#include "kernels/contract/beat.hpp"
#include "kernels/contract/trace.hpp"

namespace subbyte::sim {

/// The first wrong output beat of a pair of engines.
struct Mismatch {
  std::string engine_a, engine_b;
  bool in_bits = false;  ///< when false, the bits agree and the cycles do not
  std::uint64_t beat = 0;
  std::string field;  ///< the first field that differs; empty when a beat is missing or only cycles differ
  std::size_t index = 0;
  std::string value_a, value_b;  ///< field_text() of both, or "no such beat"
  std::optional<std::uint64_t> cycle_a, cycle_b;

  /// Returns, for example, "beat 12: value[3] is 40490fdb (3.1415927) in golden, 40490fdc (3.141593) in rtl (cycles -,
  /// 44)". Without `cycles` a difference in bits is told without any cycle.
  std::string text(bool cycles = true) const;
  nlohmann::ordered_json json() const;
};

/// Returns one element as hexadecimal bits and its meaning: a number for FP16 and FP32, "-2^3" for a term, and a
/// decimal number for integers.
std::string field_text(const kernels::Field& field, std::span<const std::uint64_t> beat, unsigned offset);

/// What is compared of a pair of engines: bits where both have data, and cycles where both have them.
struct Comparison {
  bool bits = true;
  bool cycles = true;
};

/// Returns the beats between the last equal and the first different checkpoint; the range is empty when the traces
/// agree. It needs no kept beats. Bits come first: cycles are looked at only where all data hashes agree.
std::optional<kernels::TraceWindow> differing_window(const kernels::Trace& a, const kernels::Trace& b, Comparison what);

/// Returns the first mismatch among the beats that both windows keep, bits before cycles, and nothing when they agree
/// there. A missing beat is a mismatch in bits.
std::optional<Mismatch> first_mismatch(const kernels::BeatShape& shape, const std::string& name_a,
                                       const kernels::Trace& a, const std::string& name_b, const kernels::Trace& b,
                                       Comparison what);

}  // namespace subbyte::sim
