// What the core makes of a format: the widths of its fields, and its codes as the image has them (kernels/CORE.md).
#pragma once

#include "kernels/contract/refusal.hpp"
#include "kernels/core/core_plan.hpp"
#include "quant/formats/format.hpp"

namespace subbyte::kernels {

/// Returns nothing when the core can hand the codes of the format to the tile: themselves to bitserial_tile and
/// dequant_mac_tile, their planes to plane_tile, two's complement of as many bits or codes with a zero point to tiles
/// of integers, trits or their blocks to ternary_tile. Else returns why not. fp16_mac_tile takes weights that were
/// decoded before.
std::optional<Refusal> core_codes_unsupported(const CoreTile& tile, const quant::Format& format);

/// Returns a shape whose widths are those of the format on the tile, with scales of 16 bits, or 8 of
/// dequant_mac_tile, where it takes any. The format is one that core_codes_unsupported() says nothing of.
CoreShape core_shape(const CoreTile& tile, const quant::Format& format);

/// Returns the image's code of a raw code, or of a block of them where the tile takes blocks.
std::uint16_t core_code(const CoreTile& tile, const quant::Format& format, unsigned raw);

}  // namespace subbyte::kernels
