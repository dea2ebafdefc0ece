// What the lanes of the vector unit compute: kernels/VECTOR.md, operation by operation.
#include <algorithm>
#include <bit>

#include "kernels/arithmetic/fp32.hpp"
#include "kernels/arithmetic/fp32_functions.hpp"
#include "kernels/vector_unit.hpp"
#include "kernels/vector_unit_quantize.hpp"
#include "quant/base/float16.hpp"

namespace subbyte::kernels {
namespace {

using Pattern = std::uint32_t;

constexpr Pattern pattern(float value) { return std::bit_cast<Pattern>(value); }

Pattern widened(Pattern half) {
  const Pattern value = pattern(quant::half_to_float(static_cast<std::uint16_t>(half)));
  return fp32_is_nan(value) ? kFp32Nan : value;
}

Pattern narrowed(Pattern value) { return quant::half_from_float(std::bit_cast<float>(value)); }

Pattern subtract(Pattern x, Pattern y) { return fp32_add(x, fp32_negate(y)); }

/// Returns x / (1 + e^-u), which is SiLU for u = x.
Pattern times_logistic(Pattern x, Pattern u) {
  return fp32_multiply(x, fp32_reciprocal(fp32_add(kFp32One, fp32_exp(fp32_negate(u)))));
}

Pattern activated(VectorActivation activation, Pattern x) {
  // 2 sqrt(2 / pi), and 0.044715 times that.
  constexpr Pattern kLinear = pattern(1.59576912F), kCubic = pattern(0.0713548163F);
  const Pattern positive = fp32_max(x, 0);
  switch (activation) {
    case VectorActivation::kSilu:
      return times_logistic(x, x);
    case VectorActivation::kGelu:
      return times_logistic(x, fp32_multiply(x, fp32_add(kLinear, fp32_multiply(kCubic, fp32_multiply(x, x)))));
    case VectorActivation::kRelu:
      return positive;
    case VectorActivation::kSquaredRelu:
      return fp32_multiply(positive, positive);
  }
  return x;
}

Pattern code_of(const VectorCommand& command, const VectorScalars& scalars, Pattern x) {
  const bool token = command.operation == VectorOperation::kQuantizeToken;
  const Pattern scale = token ? scalars.value : widened(scalars.value);
  if (!fp32_is_finite(scale) || scale == 0) return 0;
  if (token) return static_cast<Pattern>(rounded_quotient(x, scale, 127)) & 0xFF;
  const unsigned mask = (1U << command.bits) - 1;
  if (command.operation == VectorOperation::kQuantizeGroup)
    return static_cast<Pattern>(rounded_quotient(x, scale, (1 << (command.bits - 1)) - 1)) & mask;
  // A quotient of this size saturates whatever the zero point is.
  const int code = rounded_quotient(x, scale, 1 << 16) + scalars.zero;
  return static_cast<Pattern>(std::clamp(code, 0, static_cast<int>(mask)));
}

/// One lane's results. `in` are its operands, of which the first one is that of the row buffer in a later pass.
struct Results {
  Pattern first, second;
};

Results lane(const VectorStep& step, const VectorScalars& scalars, const std::array<Pattern, 4>& in) {
  const VectorCommand& command = step.command;
  const Pattern x = in[0];
  switch (command.operation) {
    case VectorOperation::kAdd:
      return {fp32_add(x, fp32_multiply(command.scale, in[1])), 0};
    case VectorOperation::kActivate:
      return {activated(command.activation, x), 0};
    case VectorOperation::kGate:
      return {fp32_multiply(activated(command.activation, x), in[1]), 0};
    case VectorOperation::kRotate:
      return {subtract(fp32_multiply(x, in[2]), fp32_multiply(in[1], in[3])),
              fp32_add(fp32_multiply(in[1], in[2]), fp32_multiply(x, in[3]))};
    case VectorOperation::kSoftmax:
      if (step.pass == 0) return {fp32_multiply(x, command.scale), 0};
      if (step.pass == 1) return {fp32_exp(subtract(x, scalars.value)), 0};
      return {fp32_multiply(x, scalars.value), 0};
    case VectorOperation::kRmsNorm:
      if (step.pass == 0) return {x, 0};
      return {fp32_multiply(fp32_multiply(x, scalars.value), in[1]), 0};
    case VectorOperation::kLayerNorm:
      if (step.pass == 0) return {x, 0};
      if (step.pass == 1) return {subtract(x, scalars.value), 0};
      return {fp32_add(fp32_multiply(fp32_multiply(x, scalars.value), in[1]), in[2]), 0};
    case VectorOperation::kQuantizeToken:
    case VectorOperation::kQuantizeGroup:
    case VectorOperation::kQuantizeRange:
      return {step.pass == 0 ? x : code_of(command, scalars, x), 0};
    default:
      return {fp32_multiply(x, command.scale), 0};
  }
}

bool gives_codes(VectorOperation operation) {
  return operation == VectorOperation::kQuantizeToken || operation == VectorOperation::kQuantizeGroup ||
         operation == VectorOperation::kQuantizeRange;
}

/// Adds what is reduced of one element to a lane's partial results.
void reduce(VectorReduction reduction, Pattern x, Pattern& partial, Pattern& other) {
  switch (reduction) {
    case VectorReduction::kSum:
      partial = fp32_add(partial, x);
      break;
    case VectorReduction::kSumOfSquares:
      partial = fp32_add(partial, fp32_multiply(x, x));
      break;
    case VectorReduction::kMagnitude:
      partial = fp32_max(partial, x & ~kFp32Sign);
      break;
    case VectorReduction::kRange:
      other = fp32_max(other, fp32_negate(x));
      [[fallthrough]];
    default:
      partial = fp32_max(partial, x);
  }
}

bool sums(VectorReduction reduction) {
  return reduction == VectorReduction::kSum || reduction == VectorReduction::kSumOfSquares;
}

/// Level by level, neighbours become one; the last one of an odd number passes.
Pattern tree(VectorWord partials, unsigned count, bool sum) {
  for (; count > 1; count = (count + 1) / 2) {
    for (unsigned i = 0; 2 * i < count; ++i) {
      const Pattern left = partials[2 * i];
      if (2 * i + 1 == count)
        partials[i] = left;
      else
        partials[i] = sum ? fp32_add(left, partials[2 * i + 1]) : fp32_max(left, partials[2 * i + 1]);
    }
  }
  return partials[0];
}

VectorScalars range_scalars(Pattern largest, Pattern negated_least, unsigned bits) {
  const GroupScale scale = range_scale(largest, negated_least, bits);
  if (!scale.usable()) return {scale.half, 0};
  const int zero = rounded_quotient(negated_least, widened(scale.half), (1 << bits) - 1);
  return {scale.half, static_cast<std::uint8_t>(std::max(zero, 0))};
}

/// Returns what the pass behind the reduction works with.
VectorScalars scalars_of(const VectorStep& step, Pattern reduced, Pattern other) {
  const VectorCommand& command = step.command;
  const auto over_root = [&] {
    return fp32_reciprocal_sqrt(fp32_add(fp32_multiply(reduced, command.scale), command.eps));
  };
  switch (command.operation) {
    case VectorOperation::kSoftmax:
      return {step.pass == 0 ? reduced : fp32_reciprocal(reduced)};
    case VectorOperation::kRmsNorm:
      return {over_root()};
    case VectorOperation::kLayerNorm:
      return {step.pass == 0 ? fp32_multiply(reduced, command.scale) : over_root()};
    case VectorOperation::kQuantizeToken:
      return {fp32_is_finite(reduced) ? fp32_divide(reduced, pattern(127.0F)) : kFp32Nan};
    case VectorOperation::kQuantizeGroup:
      return {symmetric_scale(reduced, command.bits).half};
    default:
      return range_scalars(reduced, other, command.bits);
  }
}

}  // namespace

VectorLanes::VectorLanes(const VectorParams& params) : params_(params), row_(params.row_words) {}

void VectorLanes::take(const VectorStep& step, const VectorWord& word) {
  VectorWord& operand = operands_.at(step.operand);
  for (unsigned l = 0; l < params_.lanes; ++l)
    operand[l] = step.command.half_in ? widened(word[l]) : fp32_is_nan(word[l]) ? kFp32Nan : word[l];
}

VectorIssue VectorLanes::issue(const VectorStep& step) const {
  VectorIssue issue{step};
  const bool codes = gives_codes(step.command.operation);
  const bool narrow = step.command.half_out && step.what().results > 0 && !codes;
  for (unsigned l = 0; l < step.valid; ++l) {
    const Pattern first = step.pass == 0 ? operands_[0][l] : row_[step.word][l];
    const Results made = lane(step, scalars_, {first, operands_[1][l], operands_[2][l], operands_[3][l]});
    issue.results[0][l] = narrow ? narrowed(made.first) : made.first;
    issue.results[1][l] = narrow ? narrowed(made.second) : made.second;
  }
  if (codes) {
    issue.scale = scalars_.value;
    issue.zero = scalars_.zero;
  }
  return issue;
}

void VectorLanes::retire(const VectorIssue& issue) {
  const VectorStep& step = issue.step;
  if (!step.reduces()) return;
  const VectorReduction reduction = step.what().reduction;
  row_[step.word] = issue.results[0];
  if (step.word == 0) {
    const bool from_zero = sums(reduction) || reduction == VectorReduction::kMagnitude;
    for (VectorWord& partial : partials_) partial.fill(from_zero ? 0 : kFp32Infinity | kFp32Sign);
  }
  for (unsigned l = 0; l < step.valid; ++l) reduce(reduction, issue.results[0][l], partials_[0][l], partials_[1][l]);
}

void VectorLanes::finish(const VectorStep& step) {
  const bool sum = sums(step.what().reduction);
  scalars_ = scalars_of(step, tree(partials_[0], params_.lanes, sum), tree(partials_[1], params_.lanes, sum));
}

}  // namespace subbyte::kernels
