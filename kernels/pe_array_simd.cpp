#include "kernels/pe_array_simd.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/pe_array_simd.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace subbyte::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Zero operands get this top exponent: below every real one, and far from overflow in 32 bits.
constexpr int kNoTop = -(1 << 20);

/// x >> distance with the OR of the bits shifted out in the lowest bit, unless truncating; x >= 0, distance
/// >= 0.
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

/// x or -x; `negative` is all ones or zero.
template <class V>
HWY_INLINE V WithSign(V x, V negative) {
  return hn::Xor(x, negative) - negative;
}

/// Number of significant bits of x >= 0.
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

template <class T>
HWY_INLINE void AlignRounded(PePlanes<T>& p) {
  const hn::CappedTag<T, PePlanes<T>::kBlock> d;
  using V = hn::Vec<decltype(d)>;
  const bool truncate = p.params.truncate;
  const V magnitude_mask = hn::Set(d, hwy::LimitsMax<T>());
  const V align_bits = hn::Set(d, static_cast<T>(p.params.align_bits));
  for (std::size_t i = 0, col = 0; i < p.count; i += hn::Lanes(d)) {
    V largest = hn::Zero(d);
    for (std::size_t l = 0; l < p.lanes; ++l) {
      const V shift = hn::LoadU(d, p.shift.get() + l * p.term_stride + col);
      largest = hn::Max(largest, hn::Load(d, p.exponent.get() + l * p.stride + i) + shift);
    }
    V sum = hn::Zero(d);
    for (std::size_t l = 0; l < p.lanes; ++l) {
      const std::size_t term = l * p.term_stride + col;
      const V exponent =
          hn::Load(d, p.exponent.get() + l * p.stride + i) + hn::LoadU(d, p.shift.get() + term);
      const V activation = hn::Load(d, p.activation.get() + l * p.stride + i);
      const V magnitude = hn::And(hn::And(activation, magnitude_mask), hn::LoadU(d, p.live.get() + term));
      const V negative = hn::Xor(hn::BroadcastSignBit(activation), hn::LoadU(d, p.negative.get() + term));
      sum = sum + WithSign(ShiftJam(d, magnitude, largest - exponent, truncate), negative);
    }
    hn::Store(sum, d, p.sum.get() + i);
    hn::Store(largest - align_bits, d, p.sum_exponent.get() + i);
    for (col += hn::Lanes(d); col >= p.cols;) col -= p.cols;
  }
}

HWY_INLINE void AlignExact(PePlanes<std::int64_t>& p) {
  const hn::CappedTag<std::int64_t, PePlanes<std::int64_t>::kBlock> d;
  using V = hn::Vec<decltype(d)>;
  for (std::size_t i = 0, col = 0; i < p.count; i += hn::Lanes(d)) {
    V sum = hn::Zero(d);
    for (std::size_t l = 0; l < p.lanes; ++l) {
      const std::size_t term = l * p.term_stride + col;
      const V shifted = hn::Load(d, p.activation.get() + l * p.stride + i)
                        << hn::LoadU(d, p.shift.get() + term);
      sum = sum + WithSign(hn::And(shifted, hn::LoadU(d, p.live.get() + term)),
                           hn::LoadU(d, p.negative.get() + term));
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
    const V mantissa_top = hn::IfThenElse(mantissa == zero, no_top,
                                          hn::Load(d, p.mantissa_exponent.get() + i) + hn::Set(d, width));
    const V sum_top =
        hn::IfThenElse(sum == zero, no_top, hn::Load(d, p.sum_exponent.get() + i) + hn::Set(d, sum_bits));
    const V top = hn::Max(mantissa_top, sum_top);
    const V mantissa_high = hn::BitCast(d, hn::BitCast(du, hn::Abs(mantissa)) << mantissa_lift);
    const V sum_high = hn::BitCast(d, hn::BitCast(du, hn::Abs(sum)) << sum_lift);
    const V total =
        WithSign(ShiftJam(d, mantissa_high, top - mantissa_top, truncate), hn::BroadcastSignBit(mantissa)) +
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

void AlignNarrow(PePlanes<std::int32_t>& p) { AlignRounded(p); }
void AlignWide(PePlanes<std::int64_t>& p) { p.params.exact ? AlignExact(p) : AlignRounded(p); }
void AccumulateNarrow(PePlanes<std::int32_t>& p) { AccumulateRounded(p); }
void AccumulateWide(PePlanes<std::int64_t>& p) { p.params.exact ? AccumulateExact(p) : AccumulateRounded(p); }
const char* TargetName() { return hwy::TargetName(HWY_TARGET); }

}  // namespace subbyte::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace subbyte::kernels {

HWY_EXPORT(AlignNarrow);
HWY_EXPORT(AlignWide);
HWY_EXPORT(AccumulateNarrow);
HWY_EXPORT(AccumulateWide);
HWY_EXPORT(TargetName);

void simd_align(PePlanes<std::int32_t>& planes) { HWY_DYNAMIC_DISPATCH(AlignNarrow)(planes); }
void simd_align(PePlanes<std::int64_t>& planes) { HWY_DYNAMIC_DISPATCH(AlignWide)(planes); }
void simd_accumulate(PePlanes<std::int32_t>& planes) { HWY_DYNAMIC_DISPATCH(AccumulateNarrow)(planes); }
void simd_accumulate(PePlanes<std::int64_t>& planes) { HWY_DYNAMIC_DISPATCH(AccumulateWide)(planes); }
const char* simd_target() { return HWY_DYNAMIC_DISPATCH(TargetName)(); }

}  // namespace subbyte::kernels
#endif
