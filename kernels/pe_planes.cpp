#include <algorithm>
#include <bit>
#include <cstring>
#include <initializer_list>

#include "kernels/pe_array_simd.hpp"

namespace subbyte::kernels {
namespace {

// Below every live exponent even after the largest shift, so that a dead lane never is the largest.
constexpr int kDead = -1000;

template <class T>
hwy::AlignedFreeUniquePtr<T[]> zeroed(std::size_t count) {
  auto plane = hwy::AllocateAligned<T>(count);
  std::fill_n(plane.get(), count, T{0});
  return plane;
}

}  // namespace

template <class T>
PePlanes<T>::PePlanes(const PeParams& given, unsigned row_count, unsigned col_count)
    : params(given),
      rows(row_count),
      cols(col_count),
      lanes(given.lanes),
      count(rows * cols),
      stride((count + kBlock - 1) / kBlock * kBlock),
      term_stride((cols + 2 * kBlock - 1) / kBlock * kBlock),
      activation(zeroed<T>(lanes * stride)),
      exponent(zeroed<T>(lanes * stride)),
      live(zeroed<T>(lanes * term_stride)),
      negative(zeroed<T>(lanes * term_stride)),
      shift(zeroed<T>(lanes * term_stride)),
      sum(zeroed<T>(stride)),
      sum_exponent(zeroed<T>(stride)),
      mantissa(zeroed<T>(stride)),
      mantissa_exponent(zeroed<T>(stride)),
      result(zeroed<T>(stride)),
      result_exponent(zeroed<T>(stride)) {}

template <class T>
void PePlanes<T>::load_activations(std::span<const std::uint16_t> activations) {
  constexpr unsigned kSignBit = sizeof(T) * 8 - 1;
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t l = 0; l < lanes; ++l) {
      const std::uint16_t bits = activations[r * lanes + l];
      const unsigned field = (bits >> 10) & 0x1F;
      const std::int64_t magnitude = field == 31 ? 0 : (bits & 0x3FF) | (field != 0 ? 0x400 : 0);
      const auto e = static_cast<int>(std::max(field, 1U));
      const bool minus = (bits >> 15) != 0;
      T word;
      if (params.exact) {
        word = static_cast<T>((minus ? -magnitude : magnitude) * (std::int64_t{1} << (e - 1)));
      } else {
        word = static_cast<T>(static_cast<std::uint64_t>(magnitude) << params.align_bits |
                              static_cast<std::uint64_t>(minus) << kSignBit);
      }
      std::fill_n(activation.get() + l * stride + r * cols, cols, word);
      std::fill_n(exponent.get() + l * stride + r * cols, cols, static_cast<T>(magnitude != 0 ? e : kDead));
    }
  }
}

template <class T>
void PePlanes<T>::load_terms(std::span<const TermBits> terms) {
  const TermBits nonzero_bit = 1U << params.shift_width;
  for (std::size_t l = 0; l < lanes; ++l) {
    T* const lane_live = live.get() + l * term_stride;
    T* const lane_negative = negative.get() + l * term_stride;
    T* const lane_shift = shift.get() + l * term_stride;
    for (std::size_t c = 0; c < cols; ++c) {
      const TermBits term = terms[c * lanes + l];
      const bool nonzero = (term & nonzero_bit) != 0;
      lane_live[c] = nonzero ? T{-1} : T{0};
      lane_negative[c] = (term & nonzero_bit << 1) != 0 ? T{-1} : T{0};
      lane_shift[c] = nonzero || params.exact ? static_cast<T>(term & (nonzero_bit - 1)) : T{kDead};
    }
    // A vector that starts at any column and runs past the last one goes on at column 0. Where columns and
    // vectors divide each other it never does.
    const std::size_t needed = cols % kBlock == 0 ? cols : kBlock % cols == 0 ? kBlock : cols + kBlock - 1;
    for (T* const plane : {lane_live, lane_negative, lane_shift}) {
      for (std::size_t filled = cols; filled < needed;) {
        const std::size_t more = std::min(filled, needed - filled);
        std::memcpy(plane + filled, plane, more * sizeof(T));
        filled += more;
      }
    }
  }
}

template struct PePlanes<std::int32_t>;
template struct PePlanes<std::int64_t>;

}  // namespace subbyte::kernels
