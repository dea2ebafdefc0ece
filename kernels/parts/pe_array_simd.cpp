#include "kernels/parts/pe_array_simd.hpp"

#include "quant/base/simd_targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/parts/pe_array_simd.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace subbyte::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Zero operands get this top exponent, which is below every real one and far from overflow in 32 bits.
constexpr int kNoTop = -(1 << 20);
// The exponent of a dead activation, which is below every live one, even after the largest shift.
constexpr int kDead = -1000;

/// Returns x >> distance with the OR of the bits shifted out in the lowest bit, unless truncating. x and distance are
/// at least 0.
template <class D, class V>
HWY_INLINE V ShiftJam(D d, V x, V distance, bool truncate) {
  const hn::RebindToUnsigned<D> du;
  const auto bounded = hn::BitCast(du, hn::Min(distance, hn::Set(d, sizeof(hn::TFromD<D>) * 8 - 1)));
  const auto bits = hn::BitCast(du, x);
  const auto kept = bits >> bounded;
  const V shifted = hn::BitCast(d, kept);
  if (truncate) return shifted;
  const V back = hn::BitCast(d, kept << bounded);
  return hn::Or(shifted, hn::IfThenElseZero(back != x, hn::Set(d, 1)));
}

/// Returns x or -x; `negative` is all ones or zero.
template <class V>
HWY_INLINE V WithSign(V x, V negative) {
  return hn::Xor(x, negative) - negative;
}

/// Returns the number of significant bits of x, which is at least 0.
template <class D, class V>
HWY_INLINE V BitLength(D d, V x) {
  using T = hn::TFromD<D>;
  constexpr int kFraction = sizeof(T) == 4 ? 23 : 52;
  constexpr int kBias = sizeof(T) == 4 ? 127 : 1023;
  const hn::RebindToFloat<D> df;
  // Clearing every bit that has a one above it keeps the top bit and stops the conversion from rounding up
  // past it.
  const V top = hn::AndNot(hn::ShiftRight<1>(x), x);
  const V exponent = hn::ShiftRight<kFraction>(hn::BitCast(d, hn::ConvertTo(df, top)));
  return hn::IfThenElseZero(x != hn::Zero(d), exponent - hn::Set(d, kBias - 1));
}

/// Turns FP16 patterns into words and exponents, row by row.
template <class T>
HWY_INLINE void DecodeActivations(PePlanes<T>& p) {
  const hn::CappedTag<T, PePlanes<T>::kBlock> d;
  const hn::RebindToUnsigned<decltype(d)> du;
  using V = hn::Vec<decltype(d)>;
  const V zero = hn::Zero(d);
  const auto align_bits = hn::Set(du, static_cast<hwy::MakeUnsigned<T>>(p.params.align_bits));
  for (std::size_t i = 0; i < p.rows * p.lanes; i += hn::Lanes(d)) {
    const V bits = hn::Load(d, p.raw.get() + i);
    const V field = hn::And(hn::ShiftRight<10>(bits), hn::Set(d, 31));
    const V hidden = hn::IfThenZeroElse(field == zero, hn::Set(d, 1024));
    const V magnitude = hn::IfThenZeroElse(field == hn::Set(d, 31), hn::Or(hn::And(bits, hn::Set(d, 1023)), hidden));
    const V exponent = hn::Max(field, hn::Set(d, 1));
    if (p.params.exact) {
      const auto places = hn::BitCast(du, exponent - hn::Set(d, 1));
      const V value = hn::BitCast(d, hn::BitCast(du, magnitude) << places);
      const V negative = zero - hn::And(hn::ShiftRight<15>(bits), hn::Set(d, 1));
      hn::Store(WithSign(value, negative), d, p.word.get() + i);
    } else {
      const V sign = hn::ShiftLeft<sizeof(T) * 8 - 1>(hn::ShiftRight<15>(bits));
      const V widened = hn::BitCast(d, hn::BitCast(du, magnitude) << align_bits);
      hn::Store(hn::Or(sign, widened), d, p.word.get() + i);
    }
    hn::Store(hn::IfThenElse(magnitude == zero, hn::Set(d, kDead), exponent), d, p.word_exponent.get() + i);
  }
}

template <class T>
HWY_INLINE void Spread(PePlanes<T>& p) {
  const hn::CappedTag<T, PePlanes<T>::kBlock> d;
  DecodeActivations(p);
  for (std::size_t r = 0; r < p.rows; ++r) {
    for (std::size_t l = 0; l < p.lanes; ++l) {
      const auto word = hn::Set(d, p.word[r * p.lanes + l]);
      const auto exponent = hn::Set(d, p.word_exponent[r * p.lanes + l]);
      const std::size_t first = l * p.stride + r * p.cols;
      // It runs over the next row, which is written afterwards.
      for (std::size_t c = 0; c < p.cols; c += hn::Lanes(d)) {
        hn::StoreU(word, d, p.activation.get() + first + c);
        hn::StoreU(exponent, d, p.exponent.get() + first + c);
      }
    }
  }
}

/// The fields of packed terms: all ones where nonzero, all ones where negative, and the shift.
template <class D>
struct Terms {
  using T = hn::TFromD<D>;
  using V = hn::Vec<D>;
  HWY_INLINE Terms(D tag, unsigned shift_width)
      : d(tag), nonzero_bit(hn::Set(tag, T{1} << shift_width)), negative_bit(hn::Set(tag, T{2} << shift_width)) {}
  HWY_INLINE hn::Mask<D> Live(V term) const { return hn::TestBit(term, nonzero_bit); }
  HWY_INLINE V Negative(V term) const { return hn::VecFromMask(d, hn::TestBit(term, negative_bit)); }
  HWY_INLINE V Shift(V term) const { return hn::And(term, nonzero_bit - hn::Set(d, 1)); }
  D d;
  V nonzero_bit, negative_bit;
};

template <class T>
HWY_INLINE void AlignRounded(PePlanes<T>& p) {
  const hn::CappedTag<T, PePlanes<T>::kBlock> d;
  using V = hn::Vec<decltype(d)>;
  const Terms<decltype(d)> terms(d, p.params.shift_width);
  const bool truncate = p.params.truncate;
  const V magnitude_mask = hn::Set(d, hwy::LimitsMax<T>());
  const V align_bits = hn::Set(d, static_cast<T>(p.params.align_bits));
  for (std::size_t i = 0, col = 0; i < p.count; i += hn::Lanes(d)) {
    V largest = hn::Zero(d);
    for (std::size_t l = 0; l < p.lanes; ++l) {
      const V term = hn::LoadU(d, p.term.get() + l * p.term_stride + col);
      const V exponent = hn::Load(d, p.exponent.get() + l * p.stride + i) + terms.Shift(term);
      largest = hn::Max(largest, hn::IfThenElseZero(terms.Live(term), exponent));
    }
    V sum = hn::Zero(d);
    for (std::size_t l = 0; l < p.lanes; ++l) {
      const V term = hn::LoadU(d, p.term.get() + l * p.term_stride + col);
      const V exponent = hn::Load(d, p.exponent.get() + l * p.stride + i) + terms.Shift(term);
      const V activation = hn::Load(d, p.activation.get() + l * p.stride + i);
      const V magnitude = hn::IfThenElseZero(terms.Live(term), hn::And(activation, magnitude_mask));
      const V negative = hn::Xor(hn::BroadcastSignBit(activation), terms.Negative(term));
      // A dead lane's distance may be negative or huge; its magnitude is 0 either way.
      const V distance = hn::Max(largest - exponent, hn::Zero(d));
      sum = sum + WithSign(ShiftJam(d, magnitude, distance, truncate), negative);
    }
    hn::Store(sum, d, p.sum.get() + i);
    hn::Store(largest - align_bits, d, p.sum_exponent.get() + i);
    for (col += hn::Lanes(d); col >= p.cols;) col -= p.cols;
  }
}

HWY_INLINE void AlignExact(PePlanes<std::int64_t>& p) {
  const hn::CappedTag<std::int64_t, PePlanes<std::int64_t>::kBlock> d;
  using V = hn::Vec<decltype(d)>;
  const Terms<decltype(d)> terms(d, p.params.shift_width);
  for (std::size_t i = 0, col = 0; i < p.count; i += hn::Lanes(d)) {
    V sum = hn::Zero(d);
    for (std::size_t l = 0; l < p.lanes; ++l) {
      const V term = hn::LoadU(d, p.term.get() + l * p.term_stride + col);
      const V shifted = hn::Load(d, p.activation.get() + l * p.stride + i) << terms.Shift(term);
      sum = sum + WithSign(hn::IfThenElseZero(terms.Live(term), shifted), terms.Negative(term));
    }
    hn::Store(sum, d, p.sum.get() + i);
    for (col += hn::Lanes(d); col >= p.cols;) col -= p.cols;
  }
}

/// Rounds |total| to the accumulator's width; returns the magnitude and adds to the exponent what it was
/// shifted by.
template <class D, class V>
HWY_INLINE V RoundToWidth(D d, V magnitude, V& exponent, int width, bool truncate) {
  const hn::RebindToUnsigned<D> du;
  const V zero = hn::Zero(d);
  const V one = hn::Set(d, 1);
  const V excess = hn::Max(BitLength(d, magnitude) - hn::Set(d, width), zero);
  const auto count = hn::BitCast(du, excess);
  exponent = exponent + excess;
  if (truncate) return hn::BitCast(d, hn::BitCast(du, magnitude) >> count);
  const V half = hn::ShiftRight<1>(hn::BitCast(d, hn::BitCast(du, one) << count));
  const V odd = hn::And(hn::BitCast(d, hn::BitCast(du, magnitude) >> count), one);
  const V addend = hn::IfThenElseZero(excess != zero, half - one + odd);
  const V rounded = hn::BitCast(d, hn::BitCast(du, magnitude + addend) >> count);
  const auto carried = rounded > hn::Set(d, (hn::TFromD<D>{1} << width) - 1);
  exponent = exponent + hn::IfThenElseZero(carried, one);
  return hn::IfThenElse(carried, hn::ShiftRight<1>(rounded), rounded);
}

template <class T>
HWY_INLINE void AccumulateRounded(PePlanes<T>& p) {
  const hn::CappedTag<T, PePlanes<T>::kBlock> d;
  const hn::RebindToUnsigned<decltype(d)> du;
  using V = hn::Vec<decltype(d)>;
  const bool truncate = p.params.truncate;
  const int width = static_cast<int>(p.params.acc_width);
  const int guard = static_cast<int>(p.params.guard_bits);
  const int sum_bits = static_cast<int>(p.params.sum_bits());
  // Both magnitudes are moved to the top of width + guard bits once for all; what is left is a right shift of
  // each.
  const int sum_left = width + guard - sum_bits;
  const auto mantissa_lift = hn::Set(du, static_cast<hwy::MakeUnsigned<T>>(guard));
  const auto sum_lift = hn::Set(du, static_cast<hwy::MakeUnsigned<T>>(sum_left > 0 ? sum_left : 0));
  const V sum_drop = hn::Set(d, static_cast<T>(sum_left < 0 ? -sum_left : 0));
  const V zero = hn::Zero(d);
  const V no_top = hn::Set(d, kNoTop);
  for (std::size_t i = 0; i < p.count; i += hn::Lanes(d)) {
    const V mantissa = hn::Load(d, p.mantissa.get() + i);
    const V sum = hn::Load(d, p.sum.get() + i);
    const V mantissa_top =
        hn::IfThenElse(mantissa == zero, no_top, hn::Load(d, p.mantissa_exponent.get() + i) + hn::Set(d, width));
    const V sum_top = hn::IfThenElse(sum == zero, no_top, hn::Load(d, p.sum_exponent.get() + i) + hn::Set(d, sum_bits));
    const V top = hn::Max(mantissa_top, sum_top);
    const V mantissa_high = hn::BitCast(d, hn::BitCast(du, hn::Abs(mantissa)) << mantissa_lift);
    const V sum_high = hn::BitCast(d, hn::BitCast(du, hn::Abs(sum)) << sum_lift);
    const V total = WithSign(ShiftJam(d, mantissa_high, top - mantissa_top, truncate), hn::BroadcastSignBit(mantissa)) +
                    WithSign(ShiftJam(d, sum_high, top - sum_top + sum_drop, truncate), hn::BroadcastSignBit(sum));
    V exponent = top - hn::Set(d, width + guard);
    const V rounded = RoundToWidth(d, hn::Abs(total), exponent, width, truncate);
    hn::Store(WithSign(rounded, hn::BroadcastSignBit(total)), d, p.mantissa.get() + i);
    hn::Store(hn::IfThenElseZero(total != zero, exponent), d, p.mantissa_exponent.get() + i);
  }
}

HWY_INLINE void AccumulateExact(PePlanes<std::int64_t>& p) {
  const hn::CappedTag<std::int64_t, PePlanes<std::int64_t>::kBlock> d;
  for (std::size_t i = 0; i < p.count; i += hn::Lanes(d)) {
    hn::Store(hn::Load(d, p.mantissa.get() + i) + hn::Load(d, p.sum.get() + i), d, p.mantissa.get() + i);
  }
}

void SpreadNarrow(PePlanes<std::int32_t>& p) { Spread(p); }
void SpreadWide(PePlanes<std::int64_t>& p) { Spread(p); }
void AlignNarrow(PePlanes<std::int32_t>& p) { AlignRounded(p); }
void AlignWide(PePlanes<std::int64_t>& p) { p.params.exact ? AlignExact(p) : AlignRounded(p); }
void AccumulateNarrow(PePlanes<std::int32_t>& p) { AccumulateRounded(p); }
void AccumulateWide(PePlanes<std::int64_t>& p) { p.params.exact ? AccumulateExact(p) : AccumulateRounded(p); }
const char* TargetName() { return hwy::TargetName(HWY_TARGET); }

}  // namespace subbyte::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace subbyte::kernels {

HWY_EXPORT(SpreadNarrow);
HWY_EXPORT(SpreadWide);
HWY_EXPORT(AlignNarrow);
HWY_EXPORT(AlignWide);
HWY_EXPORT(AccumulateNarrow);
HWY_EXPORT(AccumulateWide);
HWY_EXPORT(TargetName);

void simd_spread(PePlanes<std::int32_t>& planes) { HWY_DYNAMIC_DISPATCH(SpreadNarrow)(planes); }
void simd_spread(PePlanes<std::int64_t>& planes) { HWY_DYNAMIC_DISPATCH(SpreadWide)(planes); }
void simd_align(PePlanes<std::int32_t>& planes) { HWY_DYNAMIC_DISPATCH(AlignNarrow)(planes); }
void simd_align(PePlanes<std::int64_t>& planes) { HWY_DYNAMIC_DISPATCH(AlignWide)(planes); }
void simd_accumulate(PePlanes<std::int32_t>& planes) { HWY_DYNAMIC_DISPATCH(AccumulateNarrow)(planes); }
void simd_accumulate(PePlanes<std::int64_t>& planes) { HWY_DYNAMIC_DISPATCH(AccumulateWide)(planes); }
const char* simd_target() { return HWY_DYNAMIC_DISPATCH(TargetName)(); }

}  // namespace subbyte::kernels
#endif
