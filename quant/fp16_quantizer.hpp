// The reference's FP16 operations one by one (BitMoD artifact, quantizer; HPCA'25): a named compatibility
// mode.
#pragma once

#include <cstdint>
#include <span>

#include "quant/codebook.hpp"
#include "quant/exact_quantizer.hpp"

namespace subbyte::quant {

/// Weights are already FP16 values. Writes raw codes of 8 bits. A BitMoD group whose FP16 squared error is
/// 1000 or more under every selector is left at zero, as the reference leaves it (selector 0). `zero`
/// receives the zero point. Throws std::invalid_argument with row and group where max - min or a decoded
/// integer overflows FP16: the reference goes on with infinities there.
GroupChoice quantize_fp16(const GroupView& group, const Codebook& book, bool zero_point,
                          std::span<std::uint8_t> codes, unsigned& zero);

}  // namespace subbyte::quant
