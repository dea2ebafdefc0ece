// Dot products of packed weights by planes and by terms: additions and shifts of activations, no
// multiplication. Both equal the dense dot product as integers; for prefix-closed codes the first planes are
// the dot product of a narrower view of the same weights.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "kernels/arithmetic/int128.hpp"
#include "quant/formats/packed_tensor.hpp"
#include "quant/formats/plane_program.hpp"
#include "quant/formats/term_program.hpp"

namespace subbyte::kernels {

/// FP16 patterns as integers of 2^-24, below 2^40 in magnitude. Throws std::invalid_argument with the place
/// of an Inf or NaN.
std::vector<std::int64_t> fixed_point(std::span<const std::uint16_t> halves);

/// What a group's codes are read with.
struct GroupCodes {
  std::span<const std::uint8_t> codes;
  unsigned selector = 0;
  unsigned zero_point = 0;
};

/// Sum over i of level(code_i) * x_i, exact, in units of 2^(unit_exponent - 24) where x is fixed_point(): one
/// number per group, before any scale. Levels below 2^63; throws std::overflow_error where 128 bits cannot be
/// sure to hold the sum, std::invalid_argument for codes and x of different sizes.
Int128 dense_dot(const quant::Alphabet& alphabet, const GroupCodes& group, std::span<const std::int64_t> x);
/// The same as a sum over terms of ±2^k x; `partial`, where given, gets the sum after each term.
Int128 term_dot(const quant::TermProgram& program, const GroupCodes& group, std::span<const std::int64_t> x,
                std::vector<Int128>* partial = nullptr);
/// The same as a sum over planes. `partial`, where given, gets after each plane r the sum of the first r
/// planes in units of the r-th (not less the zero point): for a bipolar program the dot product of the view
/// of r bits.
Int128 plane_dot(const quant::PlaneProgram& program, const GroupCodes& group, std::span<const std::int64_t> x,
                 std::vector<Int128>* partial = nullptr);

/// Sum over i of ±x_i by every bit of the codes, lowest first: what each plane's own scale multiplies (binary
/// coding, Scaling::planes > 1). In units of 2^-24.
std::vector<Int128> sign_sums(unsigned bits, std::span<const std::uint8_t> codes, std::span<const std::int64_t> x);

/// lower() of the levels that one selector gives: also of formats whose selector chooses a whole table.
quant::TermProgram group_program(const quant::Format& format, unsigned selector);

/// plane_dot() where the format has planes, else term_dot(): the sums of every group of a row, in units of
/// 2^(unit_exponent - 24). x has w.cols elements. Throws what lower() throws for a format with neither.
std::vector<Int128> group_sums(const quant::PackedTensor& w, std::size_t row, std::span<const std::int64_t> x);

}  // namespace subbyte::kernels
