// A beat is what crosses a stream in one cycle: bits in little-endian 64-bit words, with named fields.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/arithmetic/int128.hpp"

namespace subbyte::kernels {

/// Says how a field is shown in a report, a waveform and a mismatch message. A kCycles is a number of cycles, which an
/// engine without time gives as 0; it is compared between engines that have time.
enum class FieldKind : std::uint8_t { kUnsigned, kSigned, kFp16, kFp32, kTerm, kCode, kFlag, kCycles };

/// A field is `count` equal elements of `bits` bits, with element 0 at the lowest bits.
struct Field {
  std::string name;
  unsigned bits = 0;
  unsigned count = 1;
  FieldKind kind = FieldKind::kUnsigned;
};

/// The fields of a beat from bit 0 upwards, without gaps; the RTL's flat `in_data_i` / `out_data_o` have the same
/// order.
class BeatShape {
 public:
  BeatShape() = default;
  explicit BeatShape(std::vector<Field> fields);
  const std::vector<Field>& fields() const { return fields_; }
  unsigned bits() const { return bits_; }
  std::size_t words() const { return (bits_ + 63) / 64; }
  /// Returns the offset of element 0 of a field. Throws std::out_of_range for an unknown name.
  unsigned offset(std::string_view field) const;

 private:
  std::vector<Field> fields_;
  unsigned bits_ = 0;
};

/// Returns the bits of a beat that are numbers of cycles; empty where the shape has none.
std::vector<std::uint64_t> time_mask(const BeatShape& shape);

/// Reads `bits` (1..64) bits at `offset`.
std::uint64_t get_bits(std::span<const std::uint64_t> words, unsigned offset, unsigned bits);
/// Reads such a field and extends its sign.
std::int64_t get_signed(std::span<const std::uint64_t> words, unsigned offset, unsigned bits);
/// Writes the low `bits` bits of `value`.
void set_bits(std::span<std::uint64_t> words, unsigned offset, unsigned bits, std::uint64_t value);
/// Writes the low `bits` (1..128) bits of `value` at `offset`.
void set_wide(std::span<std::uint64_t> words, unsigned offset, unsigned bits, Int128 value);
/// Reads `bits` (1..128) bits at `offset` and sign-extends.
Int128 get_wide_signed(std::span<const std::uint64_t> words, unsigned offset, unsigned bits);

/// An owned sequence of equal beats.
class Beats {
 public:
  explicit Beats(std::size_t words_per_beat = 1) : stride_(words_per_beat) {}
  std::size_t size() const { return words_.size() / stride_; }
  std::size_t stride() const { return stride_; }
  std::span<const std::uint64_t> operator[](std::size_t i) const { return {words_.data() + i * stride_, stride_}; }
  std::span<std::uint64_t> operator[](std::size_t i) { return {words_.data() + i * stride_, stride_}; }
  /// Appends a zeroed beat and returns it.
  std::span<std::uint64_t> append();
  void append(std::span<const std::uint64_t> beat);

 private:
  std::size_t stride_;
  std::vector<std::uint64_t> words_;
};

/// A sequence of beats that are made on demand, so that a whole layer's stimulus need not be held in memory.
/// `fill(i, beat)` overwrites the beat's words entirely; it must be a pure function of i.
struct BeatSource {
  std::size_t count = 0;
  std::size_t words = 1;
  std::function<void(std::size_t, std::span<std::uint64_t>)> fill;
};
/// Returns the source over owned beats, which are shared, so that copies of the source stay cheap.
BeatSource source_of(Beats beats);

}  // namespace subbyte::kernels
