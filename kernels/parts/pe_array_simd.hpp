// The PEs of an array as structures of arrays, and the vector code over them. The bits are those of bitserial_pe.hpp.
#pragma once

#include <hwy/aligned_allocator.h>

#include <cstddef>
#include <cstdint>

#include "kernels/bitserial_pe.hpp"

namespace subbyte::kernels {

/// Returns whether 32-bit lanes hold every number of a rounded PE; 64-bit lanes always do.
inline bool fits_narrow_lanes(const PeParams& params) {
  return !params.exact && params.acc_width + params.guard_bits <= 29 && params.sum_bits() <= 31;
}

/// Operands and registers of rows*cols PEs, of which PE r*cols+c is at index r*cols+c. T is int32_t or int64_t; exact
/// mode needs int64_t.
template <class T>
struct PePlanes {
  PePlanes(const PeParams& params, unsigned rows, unsigned cols);

  static constexpr std::size_t kBlock = 16;  ///< elements; a multiple of every vector's
  using Plane = hwy::AlignedFreeUniquePtr<T[]>;

  PeParams params;
  std::size_t rows, cols, lanes;
  std::size_t count;  ///< rows * cols
  /// The stride of a lane's plane of PEs: it is count, and a block or more of PEs that nobody asks for.
  std::size_t stride;
  /// The stride of a lane's plane of columns, repeated until any vector can be loaded from any column.
  std::size_t term_stride;
  Plane raw;  ///< [row*lanes+lane]: FP16 patterns of a beat
  // These are [row*lanes+lane], and the same spread over columns, [lane][PE]. In rounded mode one holds the sign in the
  // top bit over the magnitude << align_bits, and the other the exponent (very negative when dead). In exact mode there
  // is the signed value in units of 2^-24, and no exponent.
  Plane word, word_exponent, activation, exponent;
  Plane term;  ///< [lane][column]: packed terms
  // These are by [PE]: stage 1, the group sum, and the latest finished group.
  Plane sum, sum_exponent, mantissa, mantissa_exponent, result, result_exponent;
};

/// The operands of every PE, as in PeArray::align.
template <class T>
void load_terms(PePlanes<T>& planes, std::span<const TermBits> terms);
template <class T>
void load_activations(PePlanes<T>& planes, std::span<const std::uint16_t> activations);

/// What the widest vectors of the machine do: the second half of load_activations, and stage 1 and stage 2 of every PE.
void simd_spread(PePlanes<std::int32_t>& planes);
void simd_spread(PePlanes<std::int64_t>& planes);
void simd_align(PePlanes<std::int32_t>& planes);
void simd_align(PePlanes<std::int64_t>& planes);
void simd_accumulate(PePlanes<std::int32_t>& planes);
void simd_accumulate(PePlanes<std::int64_t>& planes);
/// Returns the name of the instruction set that runs, for reports.
const char* simd_target();

}  // namespace subbyte::kernels
