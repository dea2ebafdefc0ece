#include <algorithm>
#include <cstring>

#include "kernels/parts/pe_array_simd.hpp"

namespace subbyte::kernels {
namespace {

template <class T>
hwy::AlignedFreeUniquePtr<T[]> zeroed(std::size_t count) {
  auto plane = hwy::AllocateAligned<T>(count);
  std::fill_n(plane.get(), count, T{0});
  return plane;
}

std::size_t blocks(std::size_t elements, std::size_t block) { return (elements + block - 1) / block * block; }

}  // namespace

template <class T>
PePlanes<T>::PePlanes(const PeParams& given, unsigned row_count, unsigned col_count)
    : params(given),
      rows(row_count),
      cols(col_count),
      lanes(given.lanes),
      count(rows * cols),
      stride(blocks(count + kBlock, kBlock)),
      term_stride(blocks(cols + kBlock, kBlock)),
      raw(zeroed<T>(blocks(rows * lanes, kBlock))),
      word(zeroed<T>(blocks(rows * lanes, kBlock))),
      word_exponent(zeroed<T>(blocks(rows * lanes, kBlock))),
      activation(zeroed<T>(lanes * stride)),
      exponent(zeroed<T>(lanes * stride)),
      term(zeroed<T>(lanes * term_stride)),
      sum(zeroed<T>(stride)),
      sum_exponent(zeroed<T>(stride)),
      mantissa(zeroed<T>(stride)),
      mantissa_exponent(zeroed<T>(stride)),
      result(zeroed<T>(stride)),
      result_exponent(zeroed<T>(stride)) {}

template <class T>
void load_terms(PePlanes<T>& p, std::span<const TermBits> terms) {
  // A vector that starts at any column and runs past the last one goes on at column 0. Where columns and
  // vectors divide each other it never does.
  constexpr std::size_t kBlock = PePlanes<T>::kBlock;
  const std::size_t needed = p.cols % kBlock == 0 ? p.cols : kBlock % p.cols == 0 ? kBlock : p.cols + kBlock - 1;
  for (std::size_t l = 0; l < p.lanes; ++l) {
    T* const plane = p.term.get() + l * p.term_stride;
    for (std::size_t c = 0; c < p.cols; ++c) plane[c] = static_cast<T>(terms[c * p.lanes + l]);
    for (std::size_t filled = p.cols; filled < needed;) {
      const std::size_t more = std::min(filled, needed - filled);
      std::memcpy(plane + filled, plane, more * sizeof(T));
      filled += more;
    }
  }
}

template <class T>
void load_activations(PePlanes<T>& p, std::span<const std::uint16_t> activations) {
  std::copy_n(activations.begin(), p.rows * p.lanes, p.raw.get());
  simd_spread(p);
}

template struct PePlanes<std::int32_t>;
template struct PePlanes<std::int64_t>;
template void load_terms(PePlanes<std::int32_t>&, std::span<const TermBits>);
template void load_terms(PePlanes<std::int64_t>&, std::span<const TermBits>);
template void load_activations(PePlanes<std::int32_t>&, std::span<const std::uint16_t>);
template void load_activations(PePlanes<std::int64_t>&, std::span<const std::uint16_t>);

}  // namespace subbyte::kernels
