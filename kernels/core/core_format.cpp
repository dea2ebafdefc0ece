#include "kernels/core/core_format.hpp"

#include <algorithm>
#include <string>

#include "quant/formats/layout.hpp"

namespace subbyte::kernels {
namespace {

bool with_zero_point(const CoreTile& tile, const quant::Format& format) {
  return tile.subtracts() && format.alphabet.kind == quant::CodeKind::kOffsetBinary;
}

/// Whether the tile takes a format's own codes, whole, in blocks or in planes, and not the integers they stand for.
bool takes_codes(const CoreTile& tile) {
  return tile.encodes() || tile.dequantizes() || tile.planes() || tile.lanes_per_code > 1;
}

bool packs_fives(const quant::Format& format) { return format.layout == quant::CodeLayout::kFiveInByte; }

/// Why the levels are no two's complement of the codes' own width.
std::optional<Refusal> integers_in_codes(const quant::Alphabet& alphabet) {
  const auto [least, largest] = std::ranges::minmax(alphabet.numerators);
  const std::int64_t half = std::int64_t{1} << (alphabet.code_bits - 1);
  if (alphabet.selectors() == 1 && least >= -half && largest < half) return {};
  const std::string levels = std::to_string(least) + ".." + std::to_string(largest);
  return Refusal{"levels " + levels + (alphabet.selectors() > 1 ? " by selector" : "") +
                 " are no two's complement of its codes' " + std::to_string(alphabet.code_bits) +
                 " bits, and a core hands codes to this tile as they are packed (one of bitserial_tile has a table for "
                 "them, one of fp16_mac_tile takes them decoded)"};
}

std::optional<Refusal> layout_unsupported(const quant::Format& format, quant::CodeLayout expected) {
  if (format.layout == expected) return {};
  const auto name = [](quant::CodeLayout layout) { return std::string(quant::layout_info(layout).name); };
  const std::string sparse = format.layout == quant::CodeLayout::kOneZeroInFour ? "1" : "0";
  return Refusal{"codes in layout " + name(format.layout) + ", the core reads layout " + name(expected) +
                 " for this tile (one of ternary_tile with sparse=" + sparse + " reads the other)"};
}

}  // namespace

std::optional<Refusal> core_codes_unsupported(const CoreTile& tile, const quant::Format& format) {
  if (tile.kind == CoreTileKind::kFp16Mac) return {};
  if (tile.fives(8) && packs_fives(format)) return {};
  if (auto why = layout_unsupported(
          format, tile.lanes_per_code > 1 ? quant::CodeLayout::kOneZeroInFour : quant::CodeLayout::kDense))
    return why;
  if (takes_codes(tile) || with_zero_point(tile, format)) return {};
  if (tile.kind == CoreTileKind::kTernary && format.alphabet.code_bits != tile.field_bits)
    return Refusal{"codes of " + std::to_string(format.alphabet.code_bits) + " bits, expected " +
                   std::to_string(tile.field_bits)};
  return integers_in_codes(format.alphabet);
}

CoreShape core_shape(const CoreTile& tile, const quant::Format& format) {
  CoreShape shape;
  const quant::Alphabet& alphabet = format.alphabet;
  shape.code_bits = tile.field_bits == 8 || tile.planes() ? alphabet.code_bits : tile.field_bits;
  if (packs_fives(format) && tile.kind == CoreTileKind::kTernary) shape.code_bits = 8;
  shape.scale_bits = tile.scales() ? 16 : tile.grouped() ? 8 : 0;
  if (tile.selects() && alphabet.selectors() > 1) shape.selector_bits = 2;
  if (format.scaling.zero_point && (tile.encodes() || tile.subtracts())) shape.zero_bits = alphabet.code_bits;
  shape.sign_extend = tile.encodes() ? alphabet.kind == quant::CodeKind::kTwosComplement
                                     : tile.subtracts() && !with_zero_point(tile, format);
  return shape;
}

std::uint16_t core_code(const CoreTile& tile, const quant::Format& format, unsigned raw) {
  if (takes_codes(tile) || with_zero_point(tile, format) || !tile.scales() || packs_fives(format))
    return static_cast<std::uint16_t>(raw);
  return static_cast<std::uint16_t>(format.alphabet.numerator(raw) & ((1 << format.alphabet.code_bits) - 1));
}

}  // namespace subbyte::kernels
