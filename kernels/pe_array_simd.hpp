// The PEs of an array as structures of arrays, and the vector code over them; the bits are those of
// bitserial_pe.hpp.
#pragma once

#include <hwy/aligned_allocator.h>

#include <cstddef>
#include <cstdint>

#include "kernels/bitserial_pe.hpp"

namespace subbyte::kernels {

/// Whether 32-bit lanes hold every number of a rounded PE; 64-bit lanes always do.
inline bool fits_narrow_lanes(const PeParams& params) {
  return !params.exact && params.acc_width + params.guard_bits <= 29 && params.sum_bits() <= 31;
}

/// Operands and registers of rows*cols PEs, PE r*cols+c at index r*cols+c. T is int32_t or int64_t (exact:
/// int64_t).
template <class T>
struct PePlanes {
  PePlanes(const PeParams& params, unsigned rows, unsigned cols);
  /// Activations and terms as in PeArray::align.
  void load_activations(std::span<const std::uint16_t> activations);
  void load_terms(std::span<const TermBits> terms);

  static constexpr std::size_t kBlock = 16;  ///< elements; a multiple of every vector's
  using Plane = hwy::AlignedFreeUniquePtr<T[]>;

  PeParams params;
  std::size_t rows, cols, lanes;
  std::size_t count;   ///< rows * cols
  std::size_t stride;  ///< of a lane's plane of PEs: count, padded to blocks with dead PEs
  std::size_t
      term_stride;  ///< of a lane's plane of columns, repeated until any vector can be loaded from any column
  // [lane][PE]: rounded mode: sign in the top bit over the magnitude << align_bits, and the exponent (very
  // negative when dead); exact mode: the signed value in units of 2^-24, no exponent.
  Plane activation, exponent;
  // [lane][column]: all ones where nonzero; all ones where negative; the shift (very negative when zero, in
  // rounded mode).
  Plane live, negative, shift;
  // [PE]: stage 1, group sum, and the latest finished group.
  Plane sum, sum_exponent, mantissa, mantissa_exponent, result, result_exponent;
};

/// Stage 1 and stage 2 of every PE with the widest vectors of the machine.
void simd_align(PePlanes<std::int32_t>& planes);
void simd_align(PePlanes<std::int64_t>& planes);
void simd_accumulate(PePlanes<std::int32_t>& planes);
void simd_accumulate(PePlanes<std::int64_t>& planes);
/// Name of the instruction set that runs, for reports.
const char* simd_target();

}  // namespace subbyte::kernels
