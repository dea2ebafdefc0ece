// Nested integers have one parent of 8 bits, from which codes of 2..8 bits are sliced.
#pragma once

#include "quant/formats/packed_tensor.hpp"

namespace subbyte::quant {

inline constexpr unsigned kParentBits = 8;

/// Returns bipolar codes: the level of code T is (2 T + 1 - 2^bits) 2^(7 - bits), in units of the stored scale. The top
/// planes of a code are the code of fewer bits. No level is 0. It holds that 2 <= bits <= 8.
Alphabet bipolar_integer(unsigned bits);
/// Returns MatQuant's slices (arXiv 2502.06786): two's complement S - 2^(bits-1), worth 2^(8-bits) units. All codes are
/// used.
Alphabet rounded_slice(unsigned bits);

/// Returns min(floor(q / 2^(8-bits) + 1/2), 2^bits - 1) of an offset code q < 256 (MatGPTQ, `quant_utils_matgpqt.py`).
unsigned round_to_slice(unsigned offset_code, unsigned bits);

/// Returns the view of `bits` bits of a nested format; everything else stays. Throws std::invalid_argument for a format
/// that is not nested and for bits outside 2..8.
Format view_of(const Format& format, unsigned bits);

/// Returns the same weights in `bits` bits, equal to what quantizing them under view_of(parent.format, bits) gives.
/// Throws std::invalid_argument for a format that is not nested, for more bits than the tensor has, and for a slice of
/// a slice where the format is not prefix-closed.
PackedTensor slice(const PackedTensor& parent, unsigned bits);

}  // namespace subbyte::quant
