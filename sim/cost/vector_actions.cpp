#include "sim/cost/vector_actions.hpp"

namespace subbyte::sim {
namespace {

using kernels::VectorActivation;
using kernels::VectorOperation;
using kernels::VectorReduction;

constexpr std::uint64_t VectorActions::*kCounts[] = {
    &VectorActions::adds,      &VectorActions::multiplies, &VectorActions::compares,  &VectorActions::row_writes,
    &VectorActions::row_reads, &VectorActions::bus_reads,  &VectorActions::bus_writes};

/// The functions, in the order of kernels/VECTOR.md, "Numbers". A guess by the bits of a number is an addition of
/// integers.
constexpr VectorActions kExp{11, 10, 0}, kReciprocal{7, 7, 0}, kRootReciprocal{6, 9, 1};
/// A quotient of 8 bits, and the scale of a row, which has the 24 bits of FP32; an FP16 scale has fewer.
constexpr VectorActions kCode{0, 0, 9}, kScale{0, 0, 25};

VectorActions sum(VectorActions a, const VectorActions& b) { return a += b; }

/// x * recip(1 + exp(-u)).
VectorActions times_logistic() { return sum(sum(kExp, kReciprocal), {1, 1, 0}); }

VectorActions of_activation(VectorActivation activation) {
  switch (activation) {
    case VectorActivation::kSilu:
      return times_logistic();
    case VectorActivation::kGelu:
      return sum(times_logistic(), {1, 3, 0});
    case VectorActivation::kRelu:
      return {0, 0, 1};
    case VectorActivation::kSquaredRelu:
      return {0, 1, 1};
  }
  return {};
}

/// What an element takes, or a pair of a rotation, without what its passes reduce.
VectorActions of_element(const kernels::VectorCommand& command) {
  switch (command.operation) {
    case VectorOperation::kAdd:
      return {1, 1, 0};
    case VectorOperation::kActivate:
      return of_activation(command.activation);
    case VectorOperation::kGate:
      return sum(of_activation(command.activation), {0, 1, 0});
    case VectorOperation::kRotate:
      return {2, 4, 0};
    case VectorOperation::kSoftmax:
      return sum(kExp, {1, 2, 0});
    case VectorOperation::kRmsNorm:
      return {0, 2, 0};
    case VectorOperation::kLayerNorm:
      return {2, 2, 0};
    case VectorOperation::kQuantizeToken:
    case VectorOperation::kQuantizeGroup:
      return kCode;
    case VectorOperation::kQuantizeRange:
      return sum(kCode, {0, 0, 1});
    default:
      return {0, 1, 0};
  }
}

/// What makes a number of a row of what a reduction left, behind the tree.
VectorActions of_row(VectorOperation operation) {
  switch (operation) {
    case VectorOperation::kSoftmax:
      return kReciprocal;
    case VectorOperation::kRmsNorm:
      return sum(kRootReciprocal, {1, 1, 0});
    case VectorOperation::kLayerNorm:
      return sum(kRootReciprocal, {1, 2, 0});
    case VectorOperation::kQuantizeToken:
    case VectorOperation::kQuantizeGroup:
      return kScale;
    case VectorOperation::kQuantizeRange:
      return sum(sum(kScale, kCode), {1, 0, 0});
    default:
      return {};
  }
}

/// What it takes to bring one number into a sum or a maximum.
VectorActions of_reduction(VectorReduction reduction) {
  switch (reduction) {
    case VectorReduction::kNone:
      return {};
    case VectorReduction::kSum:
    case VectorReduction::kSumOfSquares:
      return {1, 0, 0};
    case VectorReduction::kRange:
      return {0, 0, 2};
    default:
      return {0, 0, 1};
  }
}

VectorActions times(VectorActions actions, std::uint64_t count) { return actions *= count; }

}  // namespace

VectorActions& VectorActions::operator+=(const VectorActions& other) {
  for (const auto count : kCounts) this->*count += other.*count;
  return *this;
}

VectorActions& VectorActions::operator*=(std::uint64_t times) {
  for (const auto count : kCounts) this->*count *= times;
  return *this;
}

VectorActions vector_actions(const kernels::VectorParams& unit, const kernels::VectorCommand& command,
                             const kernels::VectorRows& rows) {
  VectorActions actions = times(of_element(command), rows.elements());
  actions += times(of_row(command.operation), rows.all());
  const auto passes = kernels::vector_passes(command.operation);
  for (const kernels::VectorPass& pass : passes) {
    const VectorActions one = of_reduction(pass.reduction);
    actions += times(one, rows.elements() + rows.all() * (unit.lanes - 1));
    if (pass.reduction == VectorReduction::kSumOfSquares) actions.multiplies += rows.elements();
  }
  actions.row_writes = actions.row_reads = (passes.size() - 1) * rows.words(unit.lanes);
  return actions;
}

}  // namespace subbyte::sim
