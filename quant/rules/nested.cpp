#include "quant/rules/nested.hpp"

#include "quant/formats/nested_codes.hpp"
#include "quant/rules/rule_kernels.hpp"

namespace subbyte::quant {
namespace {

constexpr IntegerRange kParentRange{-128, 127, 127.5, 1};

/// Returns the two's complement of the slice of a two's complement parent code.
std::uint8_t rounded(unsigned code, unsigned bits) {
  const unsigned sliced = round_to_slice(code ^ 0x80U, bits);
  return static_cast<std::uint8_t>(sliced ^ 1U << (bits - 1));
}

}  // namespace

unsigned encode_nested(const GroupView& group, const TensorContext& context, const GroupChoice& /*choice*/,
                       double multiplier, std::span<std::uint8_t> codes) {
  rule_kernels(context.kernels).encode_bipolar(group.weights, multiplier, codes);
  const unsigned dropped = kParentBits - context.format.alphabet.code_bits;
  if (dropped == 0) return 0;
  for (auto& code : codes) code = static_cast<std::uint8_t>(code >> dropped);
  return 0;
}

unsigned encode_rounded_slice(const GroupView& group, const TensorContext& context, const GroupChoice& /*choice*/,
                              double multiplier, std::span<std::uint8_t> codes) {
  context.kernels.encode_integers(group.weights, kParentRange, multiplier, 0, codes);
  const unsigned bits = context.format.alphabet.code_bits;
  if (bits == kParentBits) return 0;
  for (auto& code : codes) code = rounded(code, bits);
  return 0;
}

}  // namespace subbyte::quant
