#include "kernels/contract/beat.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <utility>

namespace subbyte::kernels {

BeatShape::BeatShape(std::vector<Field> fields) : fields_(std::move(fields)) {
  for (const Field& field : fields_) bits_ += field.bits * field.count;
}

unsigned BeatShape::offset(std::string_view field) const {
  unsigned at = 0;
  for (const Field& f : fields_) {
    if (f.name == field) return at;
    at += f.bits * f.count;
  }
  throw std::out_of_range("a beat has no field '" + std::string(field) + "'");
}

std::vector<std::uint64_t> time_mask(const BeatShape& shape) {
  std::vector<std::uint64_t> mask(shape.words());
  bool any = false;
  unsigned offset = 0;
  for (const Field& field : shape.fields()) {
    for (unsigned i = 0; i < field.count; ++i, offset += field.bits) {
      if (field.kind != FieldKind::kCycles) continue;
      set_bits(mask, offset, field.bits, ~std::uint64_t{0});
      any = true;
    }
  }
  return any ? mask : std::vector<std::uint64_t>{};
}

std::uint64_t get_bits(std::span<const std::uint64_t> words, unsigned offset, unsigned bits) {
  const unsigned word = offset / 64;
  const unsigned shift = offset % 64;
  std::uint64_t value = words[word] >> shift;
  if (shift + bits > 64) value |= words[word + 1] << (64 - shift);
  return bits == 64 ? value : value & ((std::uint64_t{1} << bits) - 1);
}

std::int64_t get_signed(std::span<const std::uint64_t> words, unsigned offset, unsigned bits) {
  const unsigned spare = 64 - bits;
  return static_cast<std::int64_t>(get_bits(words, offset, bits) << spare) >> spare;
}

void set_bits(std::span<std::uint64_t> words, unsigned offset, unsigned bits, std::uint64_t value) {
  const std::uint64_t mask = bits == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
  const unsigned word = offset / 64;
  const unsigned shift = offset % 64;
  value &= mask;
  words[word] = (words[word] & ~(mask << shift)) | (value << shift);
  if (shift + bits > 64) {
    words[word + 1] = (words[word + 1] & ~(mask >> (64 - shift))) | (value >> (64 - shift));
  }
}

void set_wide(std::span<std::uint64_t> words, unsigned offset, unsigned bits, Int128 value) {
  set_bits(words, offset, bits < 64 ? bits : 64, static_cast<std::uint64_t>(value));
  if (bits > 64) set_bits(words, offset + 64, bits - 64, static_cast<std::uint64_t>(value >> 64));
}

Int128 get_wide_signed(std::span<const std::uint64_t> words, unsigned offset, unsigned bits) {
  if (bits <= 64) return get_signed(words, offset, bits);
  const Int128 high = get_signed(words, offset + 64, bits - 64);
  return static_cast<Int128>(static_cast<UInt128>(high) << 64 | get_bits(words, offset, 64));
}

std::span<std::uint64_t> Beats::append() {
  words_.resize(words_.size() + stride_);
  return (*this)[size() - 1];
}

void Beats::append(std::span<const std::uint64_t> beat) {
  if (beat.size() != stride_) throw std::invalid_argument("a beat of another width was appended");
  words_.insert(words_.end(), beat.begin(), beat.end());
}

BeatSource source_of(Beats beats) {
  const auto owned = std::make_shared<const Beats>(std::move(beats));
  return {owned->size(), owned->stride(), [owned](std::size_t i, std::span<std::uint64_t> out) {
            const std::span<const std::uint64_t> beat = (*owned)[i];
            std::copy(beat.begin(), beat.end(), out.begin());
          }};
}

}  // namespace subbyte::kernels
