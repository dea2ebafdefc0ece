// The number formats of stored scales.
#pragma once

#include <cstdint>
#include <string_view>

namespace subbyte::quant {

enum class ScaleFormat : std::uint8_t {
  kFp16,            ///< IEEE binary16
  kU8BelowChannel,  ///< 1..255 below one FP32 scale per row (VS-Quant; HPCA'25 Table V)
  kFp32,
  kBf16,
  /// 2^(code - 127), where 0xFF is NaN and there is no zero (OCP MX v1.0, section 5.4.1).
  kE8m0,
  kUe4m3,      ///< unsigned E4M3, bias 7, 0x7F is NaN, to 448 (PTX ue4m3)
  kUe5m3,      ///< unsigned E5M3, bias 15, 0xFF is NaN, to 114688 (PTX ue5m3)
  kUe5m3Ieee,  ///< the same with exponent 31 reserved, to 61440 (arXiv 2609.02846)
  kUe3m3,      ///< unsigned E3M3 in six bits, bias 3, to 30; RaZeR's weight scale (arXiv 2501.04052)
};

/// The table has one row per ScaleFormat.
struct ScaleInfo {
  ScaleFormat format = ScaleFormat::kFp16;
  std::string_view name;
  unsigned bits = 16;    ///< significant bits of the stored pattern
  unsigned bytes = 2;    ///< as stored
  bool has_nan = false;  ///< a group that is not finite is stored as NaN instead of being refused
  std::uint32_t nan = 0;
  /// Returns the exact value of a stored pattern, u8 as 1..255. NaN and infinities come out as such.
  double (*decode)(std::uint32_t bits) = nullptr;
  /// Returns the nearest storable pattern, with ties to even, saturating (FP16, BF16 and FP32 go to infinity). For E8M0
  /// it is the nearest power of two.
  std::uint32_t (*encode)(double value) = nullptr;
  /// Returns whether a pattern may stand in a packed tensor.
  bool (*legal)(std::uint32_t bits) = nullptr;
};
const ScaleInfo& scale_info(ScaleFormat format);

}  // namespace subbyte::quant
