#include "quant/formats/scale_format.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "quant/base/float16.hpp"
#include "quant/base/minifloat.hpp"

namespace subbyte::quant {
namespace {

constexpr Minifloat kUe4m3Layout{4, 3, 7, MinifloatFlavour::kNanOnly, false};
constexpr Minifloat kUe5m3Layout{5, 3, 15, MinifloatFlavour::kNanOnly, false};
constexpr Minifloat kUe5m3IeeeLayout{5, 3, 15, MinifloatFlavour::kIeee, false};
constexpr Minifloat kUe3m3Layout{3, 3, 3, MinifloatFlavour::kFinite, false};
constexpr int kE8m0Bias = 127;
constexpr std::uint32_t kE8m0Nan = 0xFF;

template <const Minifloat& Layout>
double decode_minifloat(std::uint32_t bits) {
  return Layout.decode(bits);
}
template <const Minifloat& Layout>
std::uint32_t encode_minifloat(double value) {
  return Layout.encode(value);
}
/// NaN is stored for a group that is not finite; infinities and the other NaNs are not.
template <const Minifloat& Layout>
bool legal_minifloat(std::uint32_t bits) {
  return bits <= Layout.largest_code() || (Layout.nan_code() != 0 && bits == Layout.nan_code());
}
template <const Minifloat& Layout>
constexpr ScaleInfo minifloat_row(ScaleFormat format, std::string_view name, unsigned bits, std::uint32_t nan) {
  return {format,
          name,
          bits,
          1,
          nan != 0,
          nan,
          decode_minifloat<Layout>,
          encode_minifloat<Layout>,
          legal_minifloat<Layout>};
}

double decode_fp16(std::uint32_t bits) { return half_to_float(static_cast<std::uint16_t>(bits)); }
std::uint32_t encode_fp16(double value) { return half_from_double(value); }
bool legal_fp16(std::uint32_t bits) { return bits <= 0xFFFF && half_is_finite(static_cast<std::uint16_t>(bits)); }

double decode_u8(std::uint32_t bits) { return bits; }
std::uint32_t encode_u8(double value) {
  return static_cast<std::uint32_t>(std::clamp(std::nearbyint(value), 1.0, 255.0));
}
bool legal_u8(std::uint32_t bits) { return bits >= 1 && bits <= 255; }

double decode_fp32(std::uint32_t bits) { return std::bit_cast<float>(bits); }
std::uint32_t encode_fp32(double value) { return std::bit_cast<std::uint32_t>(static_cast<float>(value)); }
bool legal_fp32(std::uint32_t bits) { return std::isfinite(std::bit_cast<float>(bits)); }

double decode_bf16(std::uint32_t bits) { return std::bit_cast<float>(bits << 16); }
/// It rounds directly from the double, because through FP32 it would round twice.
std::uint32_t encode_bf16(double value) {
  if (std::isnan(value)) return 0x7FC0;
  const std::uint32_t sign = std::signbit(value) ? 0x8000 : 0;
  int exponent = 0;
  std::frexp(value, &exponent);
  const int step = std::max(exponent - 8, -133);
  const double units = std::nearbyint(std::ldexp(std::abs(value), -step));
  const double rounded = std::ldexp(units, step);
  if (!(rounded <= std::numeric_limits<float>::max())) return sign | 0x7F80;
  return sign | std::bit_cast<std::uint32_t>(static_cast<float>(rounded)) >> 16;
}
bool legal_bf16(std::uint32_t bits) { return bits <= 0xFFFF && legal_fp32(bits << 16); }

double decode_e8m0(std::uint32_t bits) {
  if (bits == kE8m0Nan) return std::numeric_limits<double>::quiet_NaN();
  return std::ldexp(1.0, static_cast<int>(bits) - kE8m0Bias);
}
std::uint32_t encode_e8m0(double value) {
  if (std::isnan(value)) return kE8m0Nan;
  if (value <= 0x1p-127) return 0;
  int exponent = 0;
  const double fraction = std::frexp(value, &exponent);  // in [1/2, 1)
  const int nearest = exponent - (fraction > 0.75 || (fraction == 0.75 && exponent % 2 == 0) ? 0 : 1);
  return static_cast<std::uint32_t>(std::clamp(nearest + kE8m0Bias, 0, 254));
}
bool legal_e8m0(std::uint32_t bits) { return bits <= kE8m0Nan; }

constexpr std::array kRows{
    ScaleInfo{ScaleFormat::kFp16, "fp16", 16, 2, false, 0, decode_fp16, encode_fp16, legal_fp16},
    ScaleInfo{ScaleFormat::kU8BelowChannel, "u8", 8, 1, false, 0, decode_u8, encode_u8, legal_u8},
    ScaleInfo{ScaleFormat::kFp32, "fp32", 32, 4, false, 0, decode_fp32, encode_fp32, legal_fp32},
    ScaleInfo{ScaleFormat::kBf16, "bf16", 16, 2, false, 0, decode_bf16, encode_bf16, legal_bf16},
    ScaleInfo{ScaleFormat::kE8m0, "e8m0", 8, 1, true, kE8m0Nan, decode_e8m0, encode_e8m0, legal_e8m0},
    minifloat_row<kUe4m3Layout>(ScaleFormat::kUe4m3, "ue4m3", 8, 0x7F),
    minifloat_row<kUe5m3Layout>(ScaleFormat::kUe5m3, "ue5m3", 8, 0xFF),
    minifloat_row<kUe5m3IeeeLayout>(ScaleFormat::kUe5m3Ieee, "ue5m3-ieee", 8, 0xFC),
    minifloat_row<kUe3m3Layout>(ScaleFormat::kUe3m3, "ue3m3", 6, 0),
};

}  // namespace

const ScaleInfo& scale_info(ScaleFormat format) { return kRows.at(static_cast<std::size_t>(format)); }

}  // namespace subbyte::quant
