// Dot products of packed weights by planes and by terms, which take additions and shifts of activations but no
// multiplication. Both equal the dense dot product as integers; for prefix-closed codes the first planes are the dot
// product of a narrower view of the same weights.
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

/// Returns FP16 patterns as integers of 2^-24, below 2^40 in magnitude. Throws std::invalid_argument with the place of
/// an Inf or NaN.
std::vector<std::int64_t> fixed_point(std::span<const std::uint16_t> halves);

/// What a group's codes are read with.
struct GroupCodes {
  std::span<const std::uint8_t> codes;
  unsigned selector = 0;
  unsigned zero_point = 0;
};

/// Returns the sum over i of level(code_i) * x_i, which is exact, in units of 2^(unit_exponent - 24) where x is
/// fixed_point(): one number per group, before any scale. Levels are below 2^63. Throws std::overflow_error where 128
/// bits cannot be sure to hold the sum, and std::invalid_argument for codes and x of different sizes.
Int128 dense_dot(const quant::Alphabet& alphabet, const GroupCodes& group, std::span<const std::int64_t> x);
/// Returns the same as a sum over terms of ±2^k x; `partial`, where it is given, gets the sum after each term.
Int128 term_dot(const quant::TermProgram& program, const GroupCodes& group, std::span<const std::int64_t> x,
                std::vector<Int128>* partial = nullptr);
/// Returns the same as a sum over planes. `partial`, where it is given, gets after each plane r the sum of the first r
/// planes in units of the r-th (not less the zero point), which for a bipolar program is the dot product of the view of
/// r bits.
Int128 plane_dot(const quant::PlaneProgram& program, const GroupCodes& group, std::span<const std::int64_t> x,
                 std::vector<Int128>* partial = nullptr);

/// Returns the sum over i of ±x_i by every bit of the codes, lowest first, in units of 2^-24. This is what each plane's
/// own scale multiplies (binary coding, Scaling::planes > 1).
std::vector<Int128> sign_sums(unsigned bits, std::span<const std::uint8_t> codes, std::span<const std::int64_t> x);

/// Returns lower() of the levels that one selector gives, also for formats whose selector chooses a whole table.
quant::TermProgram group_program(const quant::Format& format, unsigned selector);

/// Uses plane_dot() where the format has planes, and otherwise term_dot(). Returns the sums of every group of a row, in
/// units of 2^(unit_exponent - 24). x has w.cols elements. Throws what lower() throws for a format with neither.
std::vector<Int128> group_sums(const quant::PackedTensor& w, std::size_t row, std::span<const std::int64_t> x);

}  // namespace subbyte::kernels
