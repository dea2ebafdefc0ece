#include "kernels/parts/block_dot.hpp"

#include <algorithm>

namespace subbyte::kernels {
namespace {

constexpr unsigned kScaleBits = 8;

/// A number worth (-1)^negative significand 2^(exponent + ...). The exponent is as in the code's field, and a
/// subnormal's is 1.
struct Element {
  bool negative;
  unsigned significand;
  unsigned exponent;
  bool nan;
  bool infinite;
};

Element decode(const quant::Minifloat& type, unsigned code) {
  const unsigned field = code >> type.mantissa_bits & ((1U << type.exponent_bits) - 1);
  const unsigned fraction = code & ((1U << type.mantissa_bits) - 1);
  const unsigned magnitude = code & (type.sign_mask() - 1);
  Element element{};
  element.negative = (code & type.sign_mask()) != 0;
  element.significand = fraction | (field != 0 ? 1U << type.mantissa_bits : 0U);
  element.exponent = std::max(field, 1U);
  element.infinite = type.flavour == quant::MinifloatFlavour::kIeee && magnitude == type.largest_code() + 1;
  element.nan =
      type.flavour != quant::MinifloatFlavour::kFinite && magnitude > type.largest_code() && !element.infinite;
  return element;
}

struct Product {
  bool negative;
  unsigned significand;
  unsigned exponent;
};

/// Enters what is not finite into the flags of `sum`.
Product multiply(const Element& a, const Element& b, BlockSum& sum) {
  const Product product{a.negative != b.negative, a.significand * b.significand, a.exponent + b.exponent};
  const bool infinite = a.infinite || b.infinite;
  sum.nan |= a.nan || b.nan || (infinite && product.significand == 0);
  if (infinite) (product.negative ? sum.negative_infinity : sum.positive_infinity) = true;
  return product;
}

BlockSum sum_minifloats(const BlockElementInfo& info, unsigned count, unsigned window, const BlockBeat& beat) {
  BlockSum sum;
  std::array<Product, kMaxBlock> products{};
  unsigned largest = 0;
  for (unsigned i = 0; i < count; ++i) {
    products.at(i) = multiply(decode(info.minifloat, beat.a.at(i)), decode(info.minifloat, beat.b.at(i)), sum);
    if (products.at(i).significand != 0) largest = std::max(largest, products.at(i).exponent);
  }
  const unsigned room = window == 0 ? 0 : window - 2 * (info.minifloat.mantissa_bits + 1);
  for (const Product& product : std::span(products).first(count)) {
    if (product.significand == 0) continue;
    const UInt128 significand = product.significand;
    const UInt128 magnitude =
        window == 0 ? significand << (product.exponent - 2) : significand << room >> (largest - product.exponent);
    sum.sum += product.negative ? -static_cast<Int128>(magnitude) : static_cast<Int128>(magnitude);
  }
  sum.exponent = info.product_unit + (window == 0 ? 0 : static_cast<int>(largest) - 2 - static_cast<int>(room));
  return sum;
}

std::int64_t integer(unsigned code, unsigned bits) {
  return (code >> (bits - 1)) != 0 ? static_cast<std::int64_t>(code) - (std::int64_t{1} << bits) : code;
}

}  // namespace

const BlockElementInfo& element_info(BlockElement element) {
  using quant::Minifloat;
  using quant::MinifloatFlavour;
  static const std::array<BlockElementInfo, 7> kInfos = {{
      {"E2M1", 4, Minifloat{2, 1, 1, MinifloatFlavour::kFinite}, -2},
      {"E2M3", 6, Minifloat{2, 3, 1, MinifloatFlavour::kFinite}, -6},
      {"E3M2", 6, Minifloat{3, 2, 3, MinifloatFlavour::kFinite}, -8},
      {"E4M3", 8, Minifloat{4, 3, 7, MinifloatFlavour::kNanOnly}, -18},
      {"E5M2", 8, Minifloat{5, 2, 15, MinifloatFlavour::kIeee}, -32},
      {"INT8", 8, Minifloat{}, -12},
      {"INT4", 4, Minifloat{}, 0},
  }};
  return kInfos.at(static_cast<std::size_t>(element));
}

BeatShape BlockLayout::shape() const {
  const unsigned bits = element_info(element).bits;
  return BeatShape({{"a", bits, block, FieldKind::kCode},
                    {"b", bits, block, FieldKind::kCode},
                    {"scale_a", kScaleBits, 1, FieldKind::kUnsigned},
                    {"scale_b", kScaleBits, 1, FieldKind::kUnsigned},
                    {"last", 1, 1, FieldKind::kFlag}});
}

BlockBeat BlockLayout::read(std::span<const std::uint64_t> beat) const {
  const unsigned bits = element_info(element).bits;
  const unsigned scales = 2 * block * bits;
  BlockBeat result;
  for (unsigned i = 0; i < block; ++i) {
    result.a.at(i) = static_cast<std::uint8_t>(get_bits(beat, i * bits, bits));
    result.b.at(i) = static_cast<std::uint8_t>(get_bits(beat, (block + i) * bits, bits));
  }
  result.scale_a = static_cast<std::uint8_t>(get_bits(beat, scales, kScaleBits));
  result.scale_b = static_cast<std::uint8_t>(get_bits(beat, scales + kScaleBits, kScaleBits));
  result.last = get_bits(beat, scales + 2 * kScaleBits, 1) != 0;
  return result;
}

void BlockLayout::write(std::span<std::uint64_t> beat, const BlockBeat& block_beat) const {
  const unsigned bits = element_info(element).bits;
  const unsigned scales = 2 * block * bits;
  for (unsigned i = 0; i < block; ++i) {
    set_bits(beat, i * bits, bits, block_beat.a.at(i));
    set_bits(beat, (block + i) * bits, bits, block_beat.b.at(i));
  }
  set_bits(beat, scales, kScaleBits, block_beat.scale_a);
  set_bits(beat, scales + kScaleBits, kScaleBits, block_beat.scale_b);
  set_bits(beat, scales + 2 * kScaleBits, 1, block_beat.last ? 1 : 0);
}

BlockSum sum_block(const BlockLayout& layout, unsigned window, const BlockBeat& beat) {
  const BlockElementInfo& info = element_info(layout.element);
  if (!info.integer()) return sum_minifloats(info, layout.block, window, beat);
  BlockSum sum;
  for (unsigned i = 0; i < layout.block; ++i)
    sum.sum += integer(beat.a.at(i), info.bits) * integer(beat.b.at(i), info.bits);
  sum.exponent = info.product_unit;
  return sum;
}

BeatShape block_result_shape() { return BeatShape({{"value", 32, 1, FieldKind::kFp32}}); }

std::optional<Refusal> unlike_block_format(const std::string& row, unsigned block, const quant::Format& format) {
  const quant::Format expected = quant::parse_format(row);
  const quant::Alphabet& has = format.alphabet;
  const quant::Alphabet& wants = expected.alphabet;
  const bool elements = has.numerators == wants.numerators && has.classes == wants.classes &&
                        has.unit_exponent == wants.unit_exponent && has.unit_divisor == 1 &&
                        has.special_numerators.empty() && has.alternatives.empty();
  if (!elements || format.scaling.stored != expected.scaling.stored || format.scaling.planes != 1) {
    return Refusal{"expects the elements and block scales of " + row};
  }
  if (format.scaling.group % block != 0) {
    return Refusal{"groups of " + std::to_string(format.scaling.group) + " are no whole blocks of " +
                   std::to_string(block)};
  }
  return {};
}

}  // namespace subbyte::kernels
