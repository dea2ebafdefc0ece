#include "quant/formats/ggml_block_codes.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include "quant/formats/layout.hpp"

namespace subbyte::quant {
namespace {

constexpr const char* kNotTernary = "a code of 3, expected the ternary codes 0 1 2";
constexpr const char* kNotOneZero = "expected exactly one zero in each four weights that are 16 apart";

std::uint32_t load_half(const std::uint8_t* bytes) { return bytes[0] | static_cast<std::uint32_t>(bytes[1]) << 8; }

void store_half(std::uint32_t bits, std::uint8_t* bytes) {
  bytes[0] = static_cast<std::uint8_t>(bits);
  bytes[1] = static_cast<std::uint8_t>(bits >> 8);
}

/// Low nibbles come first: weight j and weight j + half share one byte.
void decode_nibbles(const std::uint8_t* bytes, std::size_t half, std::uint8_t* codes) {
  for (std::size_t j = 0; j < half; ++j) {
    codes[j] = bytes[j] & 0xFU;
    codes[j + half] = static_cast<std::uint8_t>(bytes[j] >> 4);
  }
}

void encode_nibbles(const std::uint8_t* codes, std::size_t half, std::uint8_t* bytes) {
  for (std::size_t j = 0; j < half; ++j) bytes[j] = static_cast<std::uint8_t>(codes[j] | codes[j + half] << 4);
}

/// Handles runs of bytes of TQ1_0: byte m of a run holds the weights first + m + n * bytes, for n < trits.
struct TritRun {
  std::size_t byte;
  std::size_t bytes;
  std::size_t first;
  std::size_t trits;
};
constexpr std::array kTritRuns{TritRun{0, 32, 0, 5}, TritRun{32, 16, 160, 5}, TritRun{48, 4, 240, 4}};

bool ternary(const std::uint8_t* codes, std::size_t size) {
  return std::all_of(codes, codes + size, [](std::uint8_t code) { return code <= 2; });
}

/// Returns the first weight of STQ1_0's group g; the others are 16, 32 and 48 further.
std::size_t stride_group(std::size_t g) { return 64 * (g / 16) + g % 16; }

}  // namespace

const char* decode_q4_0(const std::uint8_t* block, std::uint8_t* codes, std::uint32_t* stored) {
  *stored = load_half(block);
  decode_nibbles(block + 2, 16, codes);
  return nullptr;
}

const char* encode_q4_0(const std::uint8_t* codes, const std::uint32_t* stored, std::uint8_t* block) {
  store_half(*stored, block);
  encode_nibbles(codes, 16, block + 2);
  return nullptr;
}

const char* decode_q8_0(const std::uint8_t* block, std::uint8_t* codes, std::uint32_t* stored) {
  *stored = load_half(block);
  std::copy_n(block + 2, 32, codes);
  return nullptr;
}

const char* encode_q8_0(const std::uint8_t* codes, const std::uint32_t* stored, std::uint8_t* block) {
  store_half(*stored, block);
  std::copy_n(codes, 32, block + 2);
  return nullptr;
}

const char* decode_tq1_0(const std::uint8_t* block, std::uint8_t* codes, std::uint32_t* stored) {
  *stored = load_half(block + 52);
  for (const auto& run : kTritRuns) {
    for (std::size_t m = 0; m < run.bytes; ++m) {
      std::array<std::uint8_t, 5> five{};
      unpack_five_in_byte(block[run.byte + m], five);
      for (std::size_t n = 0; n < run.trits; ++n) codes[run.first + n * run.bytes + m] = five.at(n);
    }
  }
  return nullptr;
}

const char* encode_tq1_0(const std::uint8_t* codes, const std::uint32_t* stored, std::uint8_t* block) {
  if (!ternary(codes, 256)) return kNotTernary;
  for (const auto& run : kTritRuns) {
    for (std::size_t m = 0; m < run.bytes; ++m) {
      std::array<std::uint8_t, 5> five{};
      for (std::size_t n = 0; n < run.trits; ++n) five.at(n) = codes[run.first + n * run.bytes + m];
      block[run.byte + m] = pack_five_in_byte(five);
    }
  }
  store_half(*stored, block + 52);
  return nullptr;
}

const char* decode_tq2_0(const std::uint8_t* block, std::uint8_t* codes, std::uint32_t* stored) {
  *stored = load_half(block + 64);
  for (std::size_t i = 0; i < 256; ++i) codes[i] = block[i / 128 * 32 + i % 32] >> 2 * (i % 128 / 32) & 3;
  return ternary(codes, 256) ? nullptr : kNotTernary;
}

const char* encode_tq2_0(const std::uint8_t* codes, const std::uint32_t* stored, std::uint8_t* block) {
  if (!ternary(codes, 256)) return kNotTernary;
  std::fill_n(block, 64, std::uint8_t{0});
  for (std::size_t i = 0; i < 256; ++i) {
    block[i / 128 * 32 + i % 32] |= static_cast<std::uint8_t>(codes[i] << 2 * (i % 128 / 32));
  }
  store_half(*stored, block + 64);
  return nullptr;
}

const char* decode_stq1_0(const std::uint8_t* block, std::uint8_t* codes, std::uint32_t* stored) {
  *stored = load_half(block + 40);
  for (std::size_t g = 0; g < 64; ++g) {
    const unsigned slot = block[g / 2] >> 4 * (g % 2) & 0xFU;
    const unsigned sign = block[32 + g / 8] >> g % 8 & 1U;
    std::array<std::uint8_t, 4> four{};
    unpack_one_zero_in_four(sign << 4 | slot, four);
    for (std::size_t p = 0; p < 4; ++p) codes[stride_group(g) + 16 * p] = four.at(p);
  }
  return nullptr;
}

const char* encode_stq1_0(const std::uint8_t* codes, const std::uint32_t* stored, std::uint8_t* block) {
  if (!ternary(codes, 256)) return kNotTernary;
  std::fill_n(block, 40, std::uint8_t{0});
  for (std::size_t g = 0; g < 64; ++g) {
    std::array<std::uint8_t, 4> four{};
    for (std::size_t p = 0; p < 4; ++p) four.at(p) = codes[stride_group(g) + 16 * p];
    const unsigned bits = pack_one_zero_in_four(four);
    if (bits >= 32) return kNotOneZero;
    block[g / 2] |= static_cast<std::uint8_t>((bits & 0xFU) << 4 * (g % 2));
    block[32 + g / 8] |= static_cast<std::uint8_t>((bits >> 4) << g % 8);
  }
  store_half(*stored, block + 40);
  return nullptr;
}

const char* decode_mxfp4(const std::uint8_t* block, std::uint8_t* codes, std::uint32_t* stored) {
  *stored = block[0];
  decode_nibbles(block + 1, 16, codes);
  return nullptr;
}

const char* encode_mxfp4(const std::uint8_t* codes, const std::uint32_t* stored, std::uint8_t* block) {
  block[0] = static_cast<std::uint8_t>(*stored);
  encode_nibbles(codes, 16, block + 1);
  return nullptr;
}

const char* decode_nvfp4(const std::uint8_t* block, std::uint8_t* codes, std::uint32_t* stored) {
  for (std::size_t g = 0; g < 4; ++g) {
    stored[g] = block[g];
    decode_nibbles(block + 4 + 8 * g, 8, codes + 16 * g);
  }
  return nullptr;
}

const char* encode_nvfp4(const std::uint8_t* codes, const std::uint32_t* stored, std::uint8_t* block) {
  for (std::size_t g = 0; g < 4; ++g) {
    block[g] = static_cast<std::uint8_t>(stored[g]);
    encode_nibbles(codes + 16 * g, 8, block + 4 + 8 * g);
  }
  return nullptr;
}

}  // namespace subbyte::quant
