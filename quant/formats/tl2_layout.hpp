// TL2 is bitnet.cpp's bytes of a ternary matrix for x86 (microsoft/BitNet, convert-hf-to-gguf-bitnet.py,
// preprocess_weights_tl2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace subbyte::quant {

/// The first floor(cols / block_cols) * block_cols columns are stored as triples, the rest as pairs. bitnet.cpp
/// generates its kernels per shape, and its file states neither tile, so whoever reads one must know them.
struct Tl2Shape {
  std::size_t rows = 0;
  std::size_t cols = 0;
  std::size_t tile_rows = 128;  ///< BM: 128 or 256 in bitnet.cpp's own shapes
  std::size_t block_cols = 96;  ///< BK

  std::size_t triple_cols() const { return cols / block_cols * block_cols; }
};

/// Returns the bytes of indices, signs and pairs: rows * (triple_cols * 5 / 3 + pair_cols * 2) / 8. Throws
/// std::invalid_argument for a shape that the layout has no place for: rows must be whole tiles, tiles whole groups of
/// 32 rows, blocks whole groups of 24 columns, and pairs whole groups of 32 columns.
std::size_t tl2_bytes(const Tl2Shape& shape);
/// Returns what a file reserves, because bitnet.cpp pads as if 256 columns were pairs. It is never less than
/// tl2_bytes(); there are at least 256 columns.
std::size_t tl2_padded_bytes(const Tl2Shape& shape);

/// `codes` are rows x cols ternary codes 0 1 2 = -1 0 +1, row-major. A triple a b c is v = 9a + 3b + c, which is |v| in
/// a nibble and a sign bit, where 0 has sign 0; a pair is 3a + b + 4 in a nibble. Nothing is padded. Throws
/// std::invalid_argument for shape, size or a code of 3.
std::vector<std::uint8_t> tl2_pack(const Tl2Shape& shape, std::span<const std::uint8_t> codes);
/// The inverse of tl2_pack(), for tl2_bytes() or more bytes. Throws std::invalid_argument for fewer, and for a nibble
/// that no triple (14, 15) or pair (9..15) has. A sign bit of 0 is ignored, so that unpacking and packing again may
/// clear it.
std::vector<std::uint8_t> tl2_unpack(const Tl2Shape& shape, std::span<const std::uint8_t> bytes);

}  // namespace subbyte::quant
