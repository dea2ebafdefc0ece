#include "kernels/linear/plane_linear.hpp"

#include <algorithm>
#include <bit>
#include <stdexcept>
#include <string>

#include "kernels/arithmetic/fp16.hpp"

namespace subbyte::kernels {
namespace {

using quant::Alphabet;
using quant::Plane;
using quant::PlaneProgram;

constexpr int kActivationBits = 40;

void check_sizes(std::size_t codes, std::size_t x) {
  if (codes == x) return;
  throw std::invalid_argument("a group of " + std::to_string(codes) + " codes with " + std::to_string(x) +
                              " activations, expected as many");
}

/// A level's magnitude, and what its terms add up to on the way, stay below 2^level_bits.
void check_range(unsigned level_bits, std::size_t size) {
  const auto bits = static_cast<int>(level_bits) + kActivationBits + static_cast<int>(std::bit_width(size));
  if (bits < 127) return;
  throw std::overflow_error("a sum of " + std::to_string(size) + " products of " + std::to_string(level_bits) +
                            " and " + std::to_string(kActivationBits) + " bits can leave 128 bits");
}

unsigned level_bits(const Alphabet& alphabet) {
  std::uint64_t largest = 0;
  const auto widen = [&](const std::vector<std::int64_t>& levels) {
    for (const auto level : levels) largest |= static_cast<std::uint64_t>(level < 0 ? -level : level);
  };
  widen(alphabet.numerators);
  widen(alphabet.special_numerators);
  for (const auto& levels : alphabet.alternatives) widen(levels);
  return static_cast<unsigned>(std::bit_width(largest)) + 1;  // one more for a zero point
}

}  // namespace

std::vector<std::int64_t> fixed_point(std::span<const std::uint16_t> halves) {
  std::vector<std::int64_t> values;
  values.reserve(halves.size());
  for (const std::uint16_t half : halves) {
    const Fp16 number = fp16_of(half);
    if (!number.finite()) {
      throw std::invalid_argument("activation " + std::to_string(values.size()) +
                                  " is not finite, expected a finite FP16");
    }
    const std::int64_t magnitude = std::int64_t{number.significand} << (number.exponent - 1);
    values.push_back(number.negative ? -magnitude : magnitude);
  }
  return values;
}

Int128 dense_dot(const Alphabet& alphabet, const GroupCodes& group, std::span<const std::int64_t> x) {
  check_sizes(group.codes.size(), x.size());
  check_range(level_bits(alphabet), x.size());
  Int128 sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    sum += static_cast<Int128>(alphabet.numerator(group.codes[i], group.selector, group.zero_point)) * x[i];
  }
  return sum;
}

Int128 term_dot(const quant::TermProgram& program, const GroupCodes& group, std::span<const std::int64_t> x,
                std::vector<Int128>* partial) {
  check_sizes(group.codes.size(), x.size());
  std::vector<std::vector<quant::Term>> terms(std::size_t{1} << program.code_bits);
  unsigned bits = 0;
  for (unsigned code = 0; code < terms.size(); ++code) {
    terms[code] = quant::terms_of(program, code, group.selector, group.zero_point);
    for (const quant::Term& term : terms[code]) bits = std::max(bits, term.shift + 2U);
  }
  check_range(bits, x.size());
  Int128 sum = 0;
  for (unsigned t = 0; t < program.terms; ++t) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      const quant::Term& term = terms[group.codes[i]][t];
      if (!term.nonzero) continue;
      const Int128 shifted = static_cast<Int128>(x[i]) * (Int128{1} << term.shift);
      sum += term.negative ? -shifted : shifted;
    }
    if (partial != nullptr) partial->push_back(sum);
  }
  return sum;
}

Int128 plane_dot(const PlaneProgram& program, const GroupCodes& group, std::span<const std::int64_t> x,
                 std::vector<Int128>* partial) {
  check_sizes(group.codes.size(), x.size());
  check_range(program.planes.front().shift + 2, x.size());
  Int128 sum = 0;  // in units of the latest plane
  unsigned unit = program.planes.front().shift;
  for (const Plane& plane : program.planes) {
    Int128 ones = 0;
    Int128 zeros = 0;
    for (std::size_t i = 0; i < x.size(); ++i) ((group.codes[i] >> plane.bit & 1) != 0 ? ones : zeros) += x[i];
    sum = sum * (Int128{1} << (unit - plane.shift)) + ones * plane.one + zeros * plane.zero;
    unit = plane.shift;
    if (partial != nullptr) partial->push_back(sum);
  }
  sum *= Int128{1} << unit;
  if (group.zero_point == 0) return sum;
  Int128 total = 0;
  for (const std::int64_t value : x) total += value;
  return sum - total * group.zero_point;
}

std::vector<Int128> sign_sums(unsigned bits, std::span<const std::uint8_t> codes, std::span<const std::int64_t> x) {
  check_sizes(codes.size(), x.size());
  check_range(1, x.size());
  std::vector<Int128> sums(bits, 0);
  for (unsigned bit = 0; bit < bits; ++bit) {
    for (std::size_t i = 0; i < x.size(); ++i) sums[bit] += (codes[i] >> bit & 1) != 0 ? x[i] : -x[i];
  }
  return sums;
}

quant::TermProgram group_program(const quant::Format& format, unsigned selector) {
  if (format.alphabet.alternatives.empty()) return quant::lower(format);
  quant::Format one = format;
  if (selector > 0) one.alphabet.numerators = one.alphabet.alternatives.at(selector - 1);
  one.alphabet.alternatives.clear();
  return quant::lower(one);
}

std::vector<Int128> group_sums(const quant::PackedTensor& w, std::size_t row, std::span<const std::int64_t> x) {
  check_sizes(w.cols, x.size());
  std::vector<std::uint8_t> codes(w.cols);
  w.unpack_row(row, codes);
  const auto planes = plane_program(w.format);
  std::vector<quant::TermProgram> terms;
  for (unsigned s = 0; !planes && s < w.format.alphabet.selectors(); ++s) terms.push_back(group_program(w.format, s));
  std::vector<Int128> sums;
  for (std::size_t group = 0; group < w.groups(); ++group) {
    const std::size_t first = group * w.format.scaling.group;
    const std::size_t size = std::min(w.cols - first, w.format.scaling.group);
    const GroupCodes view{std::span(codes).subspan(first, size), w.selector(row, group), w.zero(row, group)};
    const auto inputs = x.subspan(first, size);
    sums.push_back(planes ? plane_dot(*planes, view, inputs) : term_dot(terms[view.selector], view, inputs));
  }
  return sums;
}

}  // namespace subbyte::kernels
