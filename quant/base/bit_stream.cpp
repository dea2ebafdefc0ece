#include "quant/base/bit_stream.hpp"

#include <bit>
#include <cstring>

#include "quant/base/bit_stream_kernels.hpp"

namespace subbyte::quant {
namespace {

/// Packs eight fields of `width` bits, one per byte of a word, into the same eight side by side in 8 * width bits.
class EightFields {
 public:
  explicit EightFields(unsigned width)
      : width_(width),
        bytes_(0x0001000100010001ULL * ((1ULL << width) - 1)),
        pairs_(0x0000000100000001ULL * ((1ULL << 2 * width) - 1)),
        fours_((1ULL << 4 * width) - 1) {}

  std::uint64_t join(std::uint64_t word) const {
    word = (word & bytes_) | (word >> (8 - width_) & bytes_ << width_);
    word = (word & pairs_) | (word >> (16 - 2 * width_) & pairs_ << 2 * width_);
    return (word & fours_) | word >> 32 << 4 * width_;
  }

  std::uint64_t split(std::uint64_t word) const {
    word = (word & fours_) | (word >> 4 * width_ & fours_) << 32;
    word = (word & pairs_) | (word >> 2 * width_ & pairs_) << 16;
    return (word & bytes_) | (word >> width_ & bytes_) << 8;
  }

 private:
  unsigned width_;
  std::uint64_t bytes_;  ///< the fields of every other byte
  std::uint64_t pairs_;
  std::uint64_t fours_;
};

/// Puts bytes in the order of the stream, whatever the machine's order is.
std::uint64_t load_word(const std::uint8_t* bytes) {
  std::uint64_t word = 0;
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(&word, bytes, sizeof word);
  } else {
    for (unsigned i = 0; i < 8; ++i) word |= static_cast<std::uint64_t>(bytes[i]) << 8 * i;
  }
  return word;
}

void store_word(std::uint64_t word, std::uint8_t* bytes) {
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(bytes, &word, sizeof word);
  } else {
    for (unsigned i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(word >> 8 * i);
  }
}

void pack_some(std::span<const std::uint8_t> fields, unsigned width, std::span<std::uint8_t> stream) {
  std::uint32_t window = 0;
  unsigned filled = 0;
  std::size_t out = 0;
  for (const auto field : fields) {
    window |= static_cast<std::uint32_t>(field) << filled;
    filled += width;
    if (filled >= 8) {
      stream[out++] = static_cast<std::uint8_t>(window);
      window >>= 8;
      filled -= 8;
    }
  }
  if (filled > 0) stream[out] = static_cast<std::uint8_t>(window);
}

void unpack_some(std::span<const std::uint8_t> stream, unsigned width, std::span<std::uint8_t> fields) {
  const std::uint32_t mask = (1U << width) - 1;
  std::uint32_t window = 0;
  unsigned filled = 0;
  std::size_t in = 0;
  for (auto& field : fields) {
    if (filled < width) {
      window |= static_cast<std::uint32_t>(stream[in++]) << filled;
      filled += 8;
    }
    field = static_cast<std::uint8_t>(window & mask);
    window >>= width;
    filled -= width;
  }
}

}  // namespace

// Whole words are read and written where the stream has eight bytes left. What a word writes beyond its fields is 0 and
// is written again by the next.
void pack_bits(std::span<const std::uint8_t> fields, unsigned width, std::span<std::uint8_t> stream) {
  if (width == 8) {
    if (!fields.empty()) std::memcpy(stream.data(), fields.data(), fields.size());
    return;
  }
  const EightFields eight(width);
  std::size_t done = width == 2 || width == 4 ? pack_whole_vectors(fields, width, stream) : 0;
  std::size_t out = done * width / 8;
  for (; done + 8 <= fields.size() && out + 8 <= stream.size(); done += 8, out += width) {
    store_word(eight.join(load_word(fields.data() + done)), stream.data() + out);
  }
  pack_some(fields.subspan(done), width, stream.subspan(out));
}

void unpack_bits(std::span<const std::uint8_t> stream, unsigned width, std::span<std::uint8_t> fields) {
  if (width == 8) {
    if (!fields.empty()) std::memcpy(fields.data(), stream.data(), fields.size());
    return;
  }
  const EightFields eight(width);
  std::size_t done = width == 2 || width == 4 ? unpack_whole_vectors(stream, width, fields) : 0;
  std::size_t in = done * width / 8;
  for (; done + 8 <= fields.size() && in + 8 <= stream.size(); done += 8, in += width) {
    store_word(eight.split(load_word(stream.data() + in)), fields.data() + done);
  }
  unpack_some(stream.subspan(in), width, fields.subspan(done));
}

}  // namespace subbyte::quant
