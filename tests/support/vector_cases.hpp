// Rows for the vector unit: stimuli of them, and what the golden function makes of one.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include "kernels/parts/random_values.hpp"
#include "kernels/vector_unit.hpp"

namespace subbyte {

using VectorPatterns = std::vector<std::uint32_t>;

/// A row: x, and behind it y, the table of a rotation, or weights and biases, each as long as x.
struct VectorRowCase {
  kernels::VectorCommand command;
  std::vector<VectorPatterns> operands;
};

inline std::uint32_t pattern32(double value) { return std::bit_cast<std::uint32_t>(static_cast<float>(value)); }
inline double value32(std::uint32_t pattern) { return static_cast<double>(std::bit_cast<float>(pattern)); }

inline VectorPatterns patterns_of(const std::vector<double>& values) {
  VectorPatterns patterns;
  for (const double value : values) patterns.push_back(pattern32(value));
  return patterns;
}

/// Appends the words of some operands of a row, word by word.
inline void add_words(const kernels::VectorParams& params, const VectorRowCase& row, std::size_t first,
                      std::size_t operands, bool ends, kernels::Beats& beats) {
  const kernels::VectorLayout layout(params.lanes);
  const std::size_t length = row.operands[0].size();
  for (std::size_t at = 0; at < length; at += params.lanes) {
    const std::size_t count = std::min<std::size_t>(params.lanes, length - at);
    for (std::size_t operand = first; operand < first + operands; ++operand)
      layout.set(beats.append(), row.command, std::span(row.operands.at(operand)).subspan(at, count),
                 static_cast<unsigned>(count), ends && operand + 1 == first + operands && at + count == length);
  }
}

inline kernels::Stimulus stimulus_of_rows(const kernels::VectorParams& params, const std::vector<VectorRowCase>& rows) {
  kernels::Beats beats(kernels::VectorLayout(params.lanes).in.words());
  for (const VectorRowCase& row : rows) {
    const auto passes = kernels::vector_passes(row.command.operation);
    add_words(params, row, 0, passes[0].words, true, beats);
    if (passes.size() > 1 && passes.back().words > 1) add_words(params, row, 1, passes.back().words - 1, false, beats);
  }
  kernels::Stimulus stimulus{{}, source_of(std::move(beats)), {}, rows.size()};
  stimulus.least_outputs = kernels::vector_unit_outputs(params, stimulus.input);
  return stimulus;
}

/// All rows of an operation, of ones, with whatever operands it has.
inline kernels::Stimulus rows_of_ones(const kernels::VectorParams& params, const kernels::VectorCommand& command,
                                      const kernels::VectorRows& rows) {
  std::vector<VectorRowCase> cases;
  for (std::uint64_t time = 0; time < rows.times; ++time)
    for (std::uint64_t row = 0; row < rows.rows; ++row)
      cases.push_back(
          {command, std::vector<VectorPatterns>(4, VectorPatterns(rows.length + row * rows.growth, pattern32(1)))});
  return stimulus_of_rows(params, cases);
}

/// What a row gives: elements in their order (the second half of a rotation apart), and what stands beside codes.
struct VectorRowResult {
  VectorPatterns values, second;
  std::uint32_t scale = 0;
  unsigned zero = 0;
};

inline kernels::Parameters parameters_of(const kernels::VectorParams& params) {
  return {{"lanes", params.lanes}, {"latency", params.latency}, {"row_words", params.row_words}};
}

inline VectorRowResult golden_row(const kernels::VectorParams& params, const VectorRowCase& row) {
  const kernels::VectorLayout layout(params.lanes);
  const auto trace = kernels::vector_unit_golden(parameters_of(params), stimulus_of_rows(params, {row}), {});
  const unsigned results = kernels::vector_passes(row.command.operation).back().results;
  VectorRowResult result;
  for (std::uint64_t i = 0; i < trace.size(); ++i) {
    const auto beat = trace.beat(i);
    const auto count = static_cast<unsigned>(kernels::get_bits(beat, layout.out.offset("count"), 7));
    VectorPatterns& to = i % results == 0 ? result.values : result.second;
    for (unsigned l = 0; l < count; ++l) to.push_back(static_cast<std::uint32_t>(kernels::get_bits(beat, 32 * l, 32)));
    result.scale = static_cast<std::uint32_t>(kernels::get_bits(beat, layout.out.offset("scale"), 32));
    result.zero = static_cast<unsigned>(kernels::get_bits(beat, layout.out.offset("zero"), 8));
  }
  return result;
}

inline std::vector<double> gaussians(kernels::Random& random, std::size_t count, double size = 1) {
  std::vector<double> values;
  for (std::size_t i = 0; i < count; ++i) values.push_back(static_cast<float>(size * random.gaussian()));
  return values;
}

/// Returns the distance in units in the last place of the exact number, of which the smallest is 2^-149.
inline double ulps(std::uint32_t got, double exact) {
  const double value = value32(got);
  if (value == exact) return 0;
  if (std::isinf(value) && std::abs(exact) > double{std::numeric_limits<float>::max()})
    return std::signbit(value) == std::signbit(exact) ? 0 : std::numeric_limits<double>::infinity();
  int exponent = 0;
  std::frexp(exact, &exponent);
  return std::abs(value - exact) / std::ldexp(1.0, std::max(exponent - 24, -149));
}

}  // namespace subbyte
