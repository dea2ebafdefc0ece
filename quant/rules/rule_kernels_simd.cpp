// The inner loops of single rules for every instruction set that Highway finds; one is chosen at run time.
#include <cstring>

#include "quant/base/simd_targets.hpp"
#include "quant/rules/rule_kernels.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "quant/rules/rule_kernels_simd.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace subbyte::quant::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Floats = hn::ScalableTag<float>;
using Doubles = hn::ScalableTag<double>;

void EncodeBipolar(std::span<const float> weights, double scale, std::span<std::uint8_t> codes) {
  const Doubles d;
  const hn::Rebind<float, Doubles> df;
  const hn::Rebind<std::int32_t, Doubles> di;
  const hn::Rebind<std::uint8_t, Doubles> d8;
  const std::size_t lanes = hn::Lanes(d);
  const auto divisor = hn::Set(d, scale);
  const auto half = hn::Set(d, 0.5);
  const auto offset = hn::Set(d, 128);
  const auto one = hn::Set(d, 1);
  std::size_t i = 0;
  for (; i + lanes <= weights.size(); i += lanes) {
    const auto ratio = hn::Div(hn::PromoteTo(d, hn::LoadU(df, weights.data() + i)), divisor);
    const auto below = hn::Floor(ratio);
    const auto halved = hn::Mul(below, half);
    const auto odd_tie = hn::And(hn::Eq(ratio, below), hn::Ne(hn::Floor(halved), halved));
    const auto code = hn::Sub(hn::Add(below, offset), hn::IfThenElseZero(odd_tie, one));
    const auto clamped = hn::DemoteTo(di, hn::Clamp(code, hn::Zero(d), hn::Set(d, 255)));
    hn::StoreU(hn::DemoteTo(d8, clamped), d8, codes.data() + i);
  }
  scalar_rule_kernels().encode_bipolar(weights.subspan(i), scale, codes.subspan(i));
}

/// A vector has as many floats as doubles, because sums are in double.
using Halves = hn::Rebind<float, Doubles>;

double MagnitudeSum(std::span<const float> weights) {
  const Doubles d;
  const Halves half;
  const std::size_t lanes = hn::Lanes(d);
  auto first = hn::Zero(d);
  auto second = first;
  std::size_t i = 0;
  for (; i + 2 * lanes <= weights.size(); i += 2 * lanes) {
    first = hn::Add(first, hn::PromoteTo(d, hn::Abs(hn::LoadU(half, weights.data() + i))));
    second = hn::Add(second, hn::PromoteTo(d, hn::Abs(hn::LoadU(half, weights.data() + i + lanes))));
  }
  const double sum = hn::GetLane(hn::SumOfLanes(Doubles(), hn::Add(first, second)));
  return sum + scalar_rule_kernels().magnitude_sum(weights.subspan(i));
}

void EncodeTernary(std::span<const float> weights, float threshold, std::span<std::uint8_t> codes) {
  const Floats d;
  const hn::RebindToSigned<Floats> di;
  const hn::Rebind<std::uint8_t, Floats> d8;
  const std::size_t lanes = hn::Lanes(d);
  const auto upper = hn::Set(d, threshold);
  const auto lower = hn::Set(d, -threshold);
  const auto one = hn::Set(di, 1);
  std::size_t i = 0;
  for (; i + lanes <= weights.size(); i += lanes) {
    const auto weight = hn::LoadU(d, weights.data() + i);
    const auto positive = hn::IfThenElseZero(hn::RebindMask(di, hn::Gt(weight, upper)), one);
    const auto negative = hn::IfThenElseZero(hn::RebindMask(di, hn::Lt(weight, lower)), one);
    hn::StoreU(hn::DemoteTo(d8, hn::Sub(hn::Add(one, positive), negative)), d8, codes.data() + i);
  }
  scalar_rule_kernels().encode_ternary(weights.subspan(i), threshold, codes.subspan(i));
}

template <class V>
struct Lanes4 {
  V a, b, c, d;
};

template <class D>
HWY_INLINE Lanes4<hn::Vec<D>> LoadFours(D d, const float* weights) {
  Lanes4<hn::Vec<D>> four;
  hn::LoadInterleaved4(d, weights, four.a, four.b, four.c, four.d);
  return four;
}

/// Calls visit(lane, weight, is_zero) for the four places; the first smallest magnitude is the zero.
template <class V, class Visit>
HWY_INLINE void VisitFours(const Lanes4<V>& w, Visit visit) {
  const auto a = hn::Abs(w.a);
  const auto b = hn::Abs(w.b);
  const auto c = hn::Abs(w.c);
  const auto d = hn::Abs(w.d);
  const auto least = hn::Min(hn::Min(a, b), hn::Min(c, d));
  const auto zero_a = hn::Eq(a, least);
  const auto zero_b = hn::AndNot(zero_a, hn::Eq(b, least));
  const auto until_b = hn::Or(zero_a, zero_b);
  const auto zero_c = hn::AndNot(until_b, hn::Eq(c, least));
  const auto zero_d = hn::Not(hn::Or(until_b, zero_c));
  visit(0, w.a, zero_a);
  visit(1, w.b, zero_b);
  visit(2, w.c, zero_c);
  visit(3, w.d, zero_d);
}

double KeptSum(std::span<const float> weights) {
  const Doubles d;
  const Halves half;
  const std::size_t step = 4 * hn::Lanes(d);
  auto even = hn::Zero(d);
  auto odd = even;
  std::size_t i = 0;
  for (; i + step <= weights.size(); i += step) {
    VisitFours(LoadFours(half, weights.data() + i), [&](int lane, auto weight, auto zero) HWY_ATTR {
      auto& sum = lane % 2 == 0 ? even : odd;
      sum = hn::Add(sum, hn::PromoteTo(d, hn::IfThenZeroElse(zero, hn::Abs(weight))));
    });
  }
  const double sum = hn::GetLane(hn::SumOfLanes(d, hn::Add(even, odd)));
  return sum + scalar_rule_kernels().kept_sum(weights.subspan(i));
}

void EncodeSparse(std::span<const float> weights, std::span<std::uint8_t> codes) {
  const Floats d;
  const hn::RebindToUnsigned<Floats> du;
  const std::size_t step = 4 * hn::Lanes(d);
  HWY_ALIGN std::uint32_t words[hn::MaxLanes(du)];  // a block of four each, of which the first code is lowest
  std::size_t i = 0;
  for (; i + step <= weights.size(); i += step) {
    auto word = hn::Zero(du);
    VisitFours(LoadFours(d, weights.data() + i), [&](int lane, auto weight, auto zero) HWY_ATTR {
      const auto negative = hn::RebindMask(du, hn::Lt(weight, hn::Zero(d)));
      const auto sign = hn::IfThenZeroElse(negative, hn::Set(du, 2U << 8 * lane));
      word = hn::Or(word, hn::IfThenElse(hn::RebindMask(du, zero), hn::Set(du, 1U << 8 * lane), sign));
    });
    hn::Store(word, du, words);
    std::memcpy(codes.data() + i, words, step);
  }
  scalar_rule_kernels().encode_sparse(weights.subspan(i), codes.subspan(i));
}

// A compiler may fuse an FP32 product with an addition after it, and then rounds once. Additions in double
// cannot be fused with it, and are exact but for products too small to matter to the FP32 sum.
/// Writes codes[i], the low byte of code(weights[i] * inverse), with the product in FP32; returns how many whole
/// vectors hold.
template <typename Code>
std::size_t EncodeProducts(std::span<const float> weights, float inverse, std::span<std::uint8_t> codes,
                           const Code& code) {
  const Doubles d;
  const Halves half;
  const hn::Rebind<std::uint8_t, Doubles> d8;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + lanes <= weights.size(); i += lanes) {
    const auto scaled = hn::Mul(hn::LoadU(half, weights.data() + i), hn::Set(half, inverse));
    hn::StoreU(hn::DemoteTo(d8, code(hn::PromoteTo(d, scaled))), d8, codes.data() + i);
  }
  return i;
}

void EncodeGgmlQ4(std::span<const float> weights, float inverse, std::span<std::uint8_t> codes) {
  const Doubles d;
  const Halves half;
  const hn::RebindToSigned<Halves> di;
  const std::size_t done = EncodeProducts(weights, inverse, codes, [&](auto product) {
    const auto sum = hn::DemoteTo(half, hn::Add(product, hn::Set(d, 8.5)));
    return hn::Min(hn::ConvertTo(di, sum), hn::Set(di, 15));
  });
  scalar_rule_kernels().encode_ggml_q4(weights.subspan(done), inverse, codes.subspan(done));
}

void EncodeGgmlQ8(std::span<const float> weights, float inverse, std::span<std::uint8_t> codes) {
  const Doubles d;
  const hn::RebindToSigned<Halves> di;
  const std::size_t done = EncodeProducts(weights, inverse, codes, [&](auto product) {
    const auto away = hn::Add(product, hn::CopySign(hn::Set(d, 0.5), product));
    return hn::And(hn::DemoteTo(di, hn::Trunc(away)), hn::Set(di, 0xFF));
  });
  scalar_rule_kernels().encode_ggml_q8(weights.subspan(done), inverse, codes.subspan(done));
}

}  // namespace subbyte::quant::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace subbyte::quant {
namespace {

HWY_EXPORT(EncodeBipolar);
HWY_EXPORT(MagnitudeSum);
HWY_EXPORT(EncodeTernary);
HWY_EXPORT(KeptSum);
HWY_EXPORT(EncodeSparse);
HWY_EXPORT(EncodeGgmlQ4);
HWY_EXPORT(EncodeGgmlQ8);

void encode_bipolar(std::span<const float> weights, double scale, std::span<std::uint8_t> codes) {
  HWY_DYNAMIC_DISPATCH(EncodeBipolar)(weights, scale, codes);
}

double magnitude_sum(std::span<const float> weights) { return HWY_DYNAMIC_DISPATCH(MagnitudeSum)(weights); }

void encode_ternary(std::span<const float> weights, float threshold, std::span<std::uint8_t> codes) {
  HWY_DYNAMIC_DISPATCH(EncodeTernary)(weights, threshold, codes);
}

double kept_sum(std::span<const float> weights) { return HWY_DYNAMIC_DISPATCH(KeptSum)(weights); }

void encode_sparse(std::span<const float> weights, std::span<std::uint8_t> codes) {
  HWY_DYNAMIC_DISPATCH(EncodeSparse)(weights, codes);
}

void encode_ggml_q4(std::span<const float> weights, float inverse, std::span<std::uint8_t> codes) {
  HWY_DYNAMIC_DISPATCH(EncodeGgmlQ4)(weights, inverse, codes);
}

void encode_ggml_q8(std::span<const float> weights, float inverse, std::span<std::uint8_t> codes) {
  HWY_DYNAMIC_DISPATCH(EncodeGgmlQ8)(weights, inverse, codes);
}

}  // namespace

const RuleKernels& simd_rule_kernels() {
  static constexpr RuleKernels kernels{encode_bipolar, magnitude_sum,  encode_ternary, kept_sum,
                                       encode_sparse,  encode_ggml_q4, encode_ggml_q8};
  return kernels;
}

}  // namespace subbyte::quant
#endif
