#include "models/fast/vector_unit_fast.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "models/fast/tile_back_end.hpp"

namespace subbyte::models {
namespace {

using kernels::Side;
using kernels::VectorCommand;
using kernels::VectorOperation;
using kernels::VectorParams;
using kernels::VectorPass;
using kernels::VectorStep;

/// The cycles from the edge at which the last word of a pass leaves the lanes to that from which the next one may step.
std::uint64_t wait_of(const VectorParams& params, const VectorPass& pass) {
  if (pass.reduction == kernels::VectorReduction::kNone) return 0;
  return params.tree_levels() + (pass.function ? params.latency : 0);
}

/// The edges of the lanes' registers. A sequence of sets enters; each one leaves when its successor has.
class LaneTimes {
 public:
  LaneTimes(const VectorParams& params, const kernels::Stimulus& stimulus)
      : params_(params),
        stalls_(stimulus.stalls),
        left_(params.latency, 0),
        free_(stimulus.config.size()),
        input_free_(free_) {}

  /// Returns the edge of a step, which takes a word of the stream or reads the row buffer.
  std::uint64_t step(bool takes_word) {
    // The lanes hold `latency` sets, so that the oldest one must leave before another word is taken.
    std::uint64_t edge = std::max(free_, left_[sets_ % left_.size()]);
    if (takes_word) {
      edge = std::max(edge, first_free(stalls_, Side::kInput, input_free_));
      input_free_ = edge + 1;
    }
    free_ = edge + 1;
    return edge;
  }

  /// A set that entered at `edge` leaves; calls out(cycle) for each of its results.
  template <typename Out>
  void leave(std::uint64_t edge, const VectorStep& step, Out out) {
    const VectorPass& pass = step.what();
    std::uint64_t left = std::max(edge + params_.latency, last_left_ + 1);
    for (unsigned index = 0; index < pass.results; ++index) {
      left = first_free(stalls_, Side::kOutput, left + (index > 0 ? 1 : 0));
      out(left);
    }
    left_[sets_++ % left_.size()] = left;
    last_left_ = left;
    if (step.reduces() && step.ends_pass) free_ = left + wait_of(params_, pass) + 1;
  }

 private:
  VectorParams params_;
  const kernels::StallPlan& stalls_;
  std::vector<std::uint64_t> left_;  ///< edges at which the latest sets left
  std::uint64_t sets_ = 0;
  std::uint64_t last_left_ = 0;
  std::uint64_t free_;        ///< the first edge at which the unit may step
  std::uint64_t input_free_;  ///< the first cycle in which the next word may be offered
};

/// Returns the bytes of what leaves. Codes are packed row by row, with a scale and perhaps a zero point behind them.
std::uint64_t result_bytes(const VectorCommand& command, const VectorRows& rows) {
  const auto packed = [&](std::uint64_t bits, std::uint64_t beside) {
    return rows.all() * ((rows.length * bits + beside + 7) / 8);
  };
  switch (command.operation) {
    case VectorOperation::kQuantizeToken:
      return rows.elements() + 4 * rows.all();
    case VectorOperation::kQuantizeGroup:
      return packed(command.bits, 16);
    case VectorOperation::kQuantizeRange:
      return packed(command.bits, 16 + command.bits);
    default:
      return rows.elements() * (command.half_out ? 2 : 4) * (command.operation == VectorOperation::kRotate ? 2 : 1);
  }
}

void check(const VectorParams& params, const VectorCommand& command, const VectorRows& rows) {
  if (rows.rows == 0 || rows.length == 0 || rows.times == 0 || rows.growth > 1)
    throw std::invalid_argument("vector_unit: " + std::to_string(rows.rows) + " rows of " +
                                std::to_string(rows.length) + " elements that grow by " + std::to_string(rows.growth) +
                                ", expected rows and elements, and a growth of 0 or 1");
  const bool codes =
      command.operation == VectorOperation::kQuantizeGroup || command.operation == VectorOperation::kQuantizeRange;
  if (codes && rows.growth > 0)
    throw std::invalid_argument("vector_unit: groups that grow, expected groups of one length");
  const std::uint64_t longest = rows.longest();
  if (kernels::vector_passes(command.operation).size() > 1 && longest > std::uint64_t{params.row_words} * params.lanes)
    throw std::invalid_argument("vector_unit: a row of " + std::to_string(longest) + " elements, and the row buffer " +
                                "holds " + std::to_string(std::uint64_t{params.row_words} * params.lanes) +
                                ": expected shorter rows, or larger row_words or lanes");
}

}  // namespace

VectorCost vector_cost(const VectorParams& params, const VectorCommand& command, const VectorRows& rows) {
  check(params, command, rows);
  const std::uint64_t words = rows.words(params.lanes);
  const std::span<const VectorPass> passes = kernels::vector_passes(command.operation);
  VectorCost cost;
  std::uint64_t operands = 0;
  for (std::size_t pass = 0; pass < passes.size(); ++pass) {
    const std::uint64_t from_stream = passes[pass].words - (pass > 0 ? 1 : 0);
    operands += from_stream;
    cost.cycles += words * std::max<std::uint64_t>(from_stream, 1);
    if (passes[pass].reduction != kernels::VectorReduction::kNone)
      cost.cycles += rows.all() * (params.latency + wait_of(params, passes[pass]));
  }
  cost.fill = params.latency + passes.back().results - 1;
  cost.bytes_in = rows.elements() * operands * (command.half_in ? 2 : 4);
  cost.bytes_out = result_bytes(command, rows);
  return cost;
}

kernels::Trace vector_unit_fast(const kernels::Parameters& parameters, const kernels::Stimulus& stimulus,
                                kernels::TraceWindow window) {
  const VectorParams params = VectorParams::of(parameters);
  const kernels::VectorLayout layout(params.lanes);
  const std::vector<std::uint64_t> no_data(layout.out.words());
  kernels::Trace trace(layout.out, true, window);
  kernels::VectorWalk walk(params);
  LaneTimes times(params, stimulus);
  std::vector<std::uint64_t> beat(layout.in.words());
  for (std::size_t next = 0; next < stimulus.input.count || !walk.takes_word();) {
    const bool takes = walk.takes_word();
    if (takes) stimulus.input.fill(next++, beat);
    const VectorStep step = walk.next(layout.command(beat), layout.count(beat), layout.last(beat));
    const std::uint64_t edge = times.step(takes);
    if (step.issues) times.leave(edge, step, [&](std::uint64_t cycle) { trace.append(no_data, cycle); });
  }
  return trace;
}

}  // namespace subbyte::models
