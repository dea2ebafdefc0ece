#include "quant/formats/nested_codes.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>
#include <vector>

namespace subbyte::quant {
namespace {

constexpr unsigned kCodes = 1U << kParentBits;

void check_bits(unsigned bits) {
  if (bits >= 2 && bits <= kParentBits) return;
  throw std::invalid_argument("nested integers: " + std::to_string(bits) + " bits, expected 2..8");
}

[[noreturn]] void refuse(const Format& format, const std::string& text) {
  throw std::invalid_argument("slice of '" + format.id() + "': " + text);
}

void check_slice(const Format& format, unsigned bits) {
  const unsigned stored = format.alphabet.code_bits;
  if (format.parent_bits == 0) refuse(format, "not a nested format, expected nested8 or matquant8");
  if (bits < 2 || bits > stored) {
    refuse(format, std::to_string(bits) + " bits, expected 2.." + std::to_string(stored));
  }
  if (!format.prefix_closed && stored != format.parent_bits) {
    refuse(format, "it is a slice already and rounding twice is not rounding once, expected the parent of " +
                       std::to_string(format.parent_bits) + " bits");
  }
}

/// Returns the two's complement of the slice of a two's complement parent code.
std::uint8_t rounded(unsigned code, unsigned bits) {
  const unsigned sliced = round_to_slice(code ^ 0x80U, bits);
  return static_cast<std::uint8_t>(sliced ^ 1U << (bits - 1));
}

std::array<std::uint8_t, kCodes> rounded_slices(unsigned bits) {
  std::array<std::uint8_t, kCodes> table{};
  for (unsigned code = 0; code < kCodes; ++code) table.at(code) = rounded(code, bits);
  return table;
}

}  // namespace

Alphabet bipolar_integer(unsigned bits) {
  check_bits(bits);
  std::vector<std::int64_t> levels;
  for (std::int64_t code = 0; code < 1 << bits; ++code) levels.push_back(2 * code + 1 - (1 << bits));
  return table_alphabet("bipolar" + std::to_string(bits), bits, std::move(levels),
                        static_cast<int>(kParentBits - bits) - 1);
}

Alphabet rounded_slice(unsigned bits) {
  Alphabet alphabet = symmetric_integer(bits);
  alphabet.name = "matquant" + std::to_string(bits);
  alphabet.unused.clear();
  alphabet.unit_exponent = static_cast<int>(kParentBits - bits);
  return alphabet;
}

unsigned round_to_slice(unsigned offset_code, unsigned bits) {
  const unsigned dropped = kParentBits - bits;
  const unsigned half = dropped == 0 ? 0 : 1U << (dropped - 1);
  return std::min((offset_code + half) >> dropped, (1U << bits) - 1);
}

Format view_of(const Format& format, unsigned bits) {
  if (format.parent_bits == 0) refuse(format, "not a nested format, expected nested8 or matquant8");
  check_bits(bits);
  Format view = format;
  view.alphabet = format.rule == ScaleRule::kNested ? bipolar_integer(bits) : rounded_slice(bits);
  std::erase_if(view.options, [](const auto& option) { return option.first == "view"; });
  if (bits != format.parent_bits) view.options.emplace_back("view", std::to_string(bits));
  return view;
}

PackedTensor slice(const PackedTensor& parent, unsigned bits) {
  validate(parent);
  check_slice(parent.format, bits);
  const unsigned dropped = parent.format.alphabet.code_bits - bits;
  const bool bipolar = parent.format.rule == ScaleRule::kNested;
  const auto slices = rounded_slices(bits);
  PackedTensor sliced = parent;
  sliced.format = view_of(parent.format, bits);
  sliced.codes.assign(sliced.rows * sliced.code_row_bytes(), 0);
  std::vector<std::uint8_t> codes(parent.cols);
  for (std::size_t row = 0; row < parent.rows; ++row) {
    parent.unpack_row(row, codes);
    for (auto& code : codes) code = bipolar ? static_cast<std::uint8_t>(code >> dropped) : slices.at(code);
    pack_row(sliced.format.layout, bits, codes,
             std::span(sliced.codes).subspan(row * sliced.code_row_bytes(), sliced.code_row_bytes()));
  }
  return sliced;
}

}  // namespace subbyte::quant
