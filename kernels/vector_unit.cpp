#include "kernels/vector_unit.hpp"

#include <algorithm>
#include <bit>
#include <stdexcept>
#include <string>

#include "kernels/contract/parameter_specs.hpp"

namespace subbyte::kernels {
namespace {

using enum VectorReduction;

constexpr VectorPass kOneWord[] = {{1, kNone, false, 1}};
constexpr VectorPass kTwoWords[] = {{2, kNone, false, 1}};
constexpr VectorPass kRotation[] = {{4, kNone, false, 2}};
constexpr VectorPass kSoftmaxPasses[] = {{1, kMax, false, 0}, {1, kSum, true, 0}, {1, kNone, false, 1}};
constexpr VectorPass kRmsNormPasses[] = {{1, kSumOfSquares, true, 0}, {2, kNone, false, 1}};
constexpr VectorPass kLayerNormPasses[] = {{1, kSum, true, 0}, {1, kSumOfSquares, true, 0}, {3, kNone, false, 1}};
constexpr VectorPass kMagnitudePasses[] = {{1, kMagnitude, true, 0}, {1, kNone, false, 1}};
constexpr VectorPass kRangePasses[] = {{1, kRange, true, 0}, {1, kNone, false, 1}};

/// Returns ceil(1 / lanes) + ceil(2 / lanes) + ... + ceil(n / lanes).
std::uint64_t words_up_to(std::uint64_t n, std::uint64_t lanes) {
  const std::uint64_t full = n / lanes, rest = n % lanes;
  return lanes * full * (full + 1) / 2 + rest * (full + 1);
}

}  // namespace

VectorParams VectorParams::of(const Parameters& parameters) {
  VectorParams p;
  p.lanes = value_or(parameters, "lanes", p.lanes);
  p.latency = value_or(parameters, "latency", p.latency);
  p.row_words = value_or(parameters, "row_words", p.row_words);
  return p;
}

unsigned VectorParams::tree_levels() const { return static_cast<unsigned>(std::bit_width(lanes - 1)); }

std::span<const VectorPass> vector_passes(VectorOperation operation) {
  switch (operation) {
    case VectorOperation::kAdd:
    case VectorOperation::kGate:
      return kTwoWords;
    case VectorOperation::kRotate:
      return kRotation;
    case VectorOperation::kSoftmax:
      return kSoftmaxPasses;
    case VectorOperation::kRmsNorm:
      return kRmsNormPasses;
    case VectorOperation::kLayerNorm:
      return kLayerNormPasses;
    case VectorOperation::kQuantizeToken:
    case VectorOperation::kQuantizeGroup:
      return kMagnitudePasses;
    case VectorOperation::kQuantizeRange:
      return kRangePasses;
    default:
      return kOneWord;
  }
}

std::uint64_t VectorRows::elements() const {
  if (growth == 0) return all() * length;
  const std::uint64_t before = length - 1, last = before + rows;
  return times * (last * (last + 1) / 2 - before * (before + 1) / 2);
}

std::uint64_t VectorRows::words(std::uint64_t lanes) const {
  if (growth == 0) return all() * ((length + lanes - 1) / lanes);
  return times * (words_up_to(length - 1 + rows, lanes) - words_up_to(length - 1, lanes));
}

VectorStep VectorWalk::next(const VectorCommand& command, unsigned count, bool last) {
  if (begins_row()) command_ = command;
  const std::span<const VectorPass> passes = vector_passes(command_.operation);
  VectorStep step{command_, pass_, word_, operand_};
  step.issues = operand_ + 1 >= passes[pass_].words;
  if (!step.issues) {
    ++operand_;
    return step;
  }
  if (pass_ == 0) {
    if (passes.size() > 1 && word_ == params_.row_words)
      throw std::invalid_argument("vector_unit: a row of more than " + std::to_string(params_.row_words) +
                                  " words, which is what the row buffer holds: expected shorter rows, or larger "
                                  "row_words or lanes");
    if (last) {
      words_ = word_ + 1;
      last_valid_ = count >= 1 && count <= params_.lanes ? count : params_.lanes;
    }
    step.ends_pass = last;
  } else {
    step.ends_pass = word_ + 1 == words_;
  }
  step.valid = step.ends_pass ? last_valid_ : params_.lanes;
  advance(step.ends_pass);
  return step;
}

void VectorWalk::advance(bool ends_pass) {
  ++word_;
  if (ends_pass) {
    word_ = 0;
    pass_ = pass_ + 1 == vector_passes(command_.operation).size() ? 0 : pass_ + 1;
  }
  // Of a later pass the first operand is in the row buffer.
  operand_ = pass_ == 0 ? 0 : 1;
}

}  // namespace subbyte::kernels
