#include "kernels/linear/exact_linear_simd.hpp"

#include "quant/base/simd_targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/linear/exact_linear_simd.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace subbyte::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Doubles = hn::ScalableTag<double>;
using Halves = hn::Rebind<float, Doubles>;

/// Tokens and rows whose sums stay in registers. A widened weight serves kTokens additions.
constexpr std::size_t kTokens = 4;
constexpr std::size_t rows_of(std::size_t tokens) {
  if (tokens == 1) return 8;                                  // enough sums to hide the latency of an addition
  return tokens == kTokens && HWY_TARGET > HWY_AVX3 ? 3 : 4;  // sixteen registers, or thirty-two
}

// A fused product and sum rounds as often as a sum of exact products does, which is once.
template <std::size_t kT, std::size_t kR>
HWY_INLINE void DotTile(const DotBlock& block, std::size_t token, std::size_t row) {
  const Doubles d;
  const Halves half;
  const std::size_t lanes = hn::Lanes(d);
  const double* x = block.x + token * block.x_stride;
  const float* w = block.w + row * block.w_stride;
  hn::Vec<Doubles> sum[kT][kR];
#pragma GCC unroll 8
  for (std::size_t t = 0; t < kT; ++t) {
#pragma GCC unroll 8
    for (std::size_t r = 0; r < kR; ++r) sum[t][r] = hn::Zero(d);
  }
  std::size_t i = 0;
  for (; i + lanes <= block.depth; i += lanes) {
    hn::Vec<Doubles> weight[kR];
#pragma GCC unroll 8
    for (std::size_t r = 0; r < kR; ++r) weight[r] = hn::PromoteTo(d, hn::LoadU(half, w + r * block.w_stride + i));
#pragma GCC unroll 8
    for (std::size_t t = 0; t < kT; ++t) {
      const auto value = hn::LoadU(d, x + t * block.x_stride + i);
#pragma GCC unroll 8
      for (std::size_t r = 0; r < kR; ++r) sum[t][r] = hn::MulAdd(value, weight[r], sum[t][r]);
    }
  }
#pragma GCC unroll 8
  for (std::size_t t = 0; t < kT; ++t) {
#pragma GCC unroll 8
    for (std::size_t r = 0; r < kR; ++r) {
      double total = hn::GetLane(hn::SumOfLanes(d, sum[t][r]));
      for (std::size_t rest = i; rest < block.depth; ++rest) {
        total += x[t * block.x_stride + rest] * static_cast<double>(w[r * block.w_stride + rest]);
      }
      block.sums[(token + t) * block.sums_stride + row + r] += total;
    }
  }
}

template <std::size_t kT>
void DotTokens(const DotBlock& block, std::size_t token) {
  constexpr std::size_t kR = rows_of(kT);
  std::size_t row = 0;
  for (; row + kR <= block.rows; row += kR) DotTile<kT, kR>(block, token, row);
  for (; row < block.rows; ++row) DotTile<kT, 1>(block, token, row);
}

void Dot(const DotBlock& block) {
  std::size_t token = 0;
  for (; token + kTokens <= block.tokens; token += kTokens) DotTokens<kTokens>(block, token);
  switch (block.tokens - token) {
    case 3:
      return DotTokens<3>(block, token);
    case 2:
      return DotTokens<2>(block, token);
    case 1:
      return DotTokens<1>(block, token);
    default:
      return;
  }
}

void Widen(std::span<const float> x, double* out) {
  const Doubles d;
  const Halves half;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + lanes <= x.size(); i += lanes) hn::StoreU(hn::PromoteTo(d, hn::LoadU(half, x.data() + i)), d, out + i);
  for (; i < x.size(); ++i) out[i] = static_cast<double>(x[i]);
}

std::size_t DoubleLanes() { return hn::Lanes(Doubles()); }

}  // namespace subbyte::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace subbyte::kernels {
namespace {

HWY_EXPORT(Dot);
HWY_EXPORT(Widen);
HWY_EXPORT(DoubleLanes);

}  // namespace

void simd_dot_block(const DotBlock& block) { HWY_DYNAMIC_DISPATCH(Dot)(block); }

void simd_widen(std::span<const float> x, double* out) { HWY_DYNAMIC_DISPATCH(Widen)(x, out); }

// There is one rounding per vector of the chain, at most one per lane of its sum and one per element of the tail, and
// one into `sums`.
std::size_t dot_roundings(std::size_t depth) {
  const std::size_t lanes = HWY_DYNAMIC_DISPATCH(DoubleLanes)();
  return depth / lanes + lanes + lanes + 1;
}

}  // namespace subbyte::kernels
#endif
