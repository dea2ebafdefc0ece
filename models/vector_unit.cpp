#include "kernels/vector_unit.hpp"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "models/systemc/stream.hpp"
#include "models/unit_models.hpp"

namespace subbyte::models {
namespace {

using kernels::VectorIssue;
using kernels::VectorStep;

/// The registers of the lanes: an elastic pipeline of any length (kernels/TIMING.md, Pipelines), whose last register is
/// that of the output.
class LanePipeline {
 public:
  explicit LanePipeline(unsigned stages) : stages_(stages) {}

  const VectorIssue* last() const { return stages_.back().get(); }
  /// Whether stage 0 is free at this edge; `leaves` says that the last stage is left or empty.
  bool free(bool leaves) const {
    for (std::size_t k = 0; k + 1 < stages_.size(); ++k)
      if (!stages_[k]) return true;
    return leaves;
  }
  /// Takes what leaves out of the last stage and moves the others downstream. Returns what left.
  std::unique_ptr<VectorIssue> move(bool leaves) {
    std::unique_ptr<VectorIssue> left;
    if (leaves) left = std::move(stages_.back());
    for (std::size_t k = stages_.size() - 1; k > 0; --k)
      if (!stages_[k]) stages_[k] = std::move(stages_[k - 1]);
    return left;
  }
  void enter(VectorIssue issue) { stages_.front() = std::make_unique<VectorIssue>(issue); }

 private:
  std::vector<std::unique_ptr<VectorIssue>> stages_;
};

/// The unit waits from the last word of a pass that reduces until its number is there.
class Reduction {
 public:
  explicit Reduction(const kernels::VectorParams& params) : params_(params) {}

  bool waits() const { return step_.has_value(); }
  void begin(const VectorStep& step) { step_ = step; }
  /// The last word has left the lanes.
  void last_left() { left_ = params_.tree_levels() + (step_->what().function ? params_.latency : 0); }
  /// Returns the step whose number is there after this edge, and then waits no more.
  std::optional<VectorStep> edge(bool left_now) {
    if (!left_ || (!left_now && --*left_ > 0) || *left_ > 0) return {};
    left_.reset();
    return std::exchange(step_, std::nullopt);
  }

 private:
  kernels::VectorParams params_;
  std::optional<VectorStep> step_;
  std::optional<unsigned> left_;  ///< cycles until the number is there
};

class VectorUnit {
 public:
  explicit VectorUnit(const kernels::Parameters& parameters)
      : params_(kernels::VectorParams::of(parameters)),
        layout_(params_.lanes),
        walk_(params_),
        lanes_(params_),
        pipeline_(params_.latency),
        reduction_(params_),
        slots_(layout_.out.words()) {}

  Outputs settle(const Inputs& inputs) const {
    return {may_step(inputs.out_ready) && walk_.takes_word(), gives_output(), slots_.current()};
  }

  void edge(const Inputs& inputs) {
    const bool steps = may_step(inputs.out_ready) && (!walk_.takes_word() || inputs.in_valid);
    const bool last_leaves = leaves(inputs.out_ready);
    const bool was_empty = pipeline_.last() == nullptr;
    if (!last_leaves && inputs.out_ready) show(*pipeline_.last(), ++shown_);
    const std::unique_ptr<VectorIssue> left = pipeline_.move(last_leaves);
    bool reduced = false;
    if (left) {
      lanes_.retire(*left);
      reduced = left->step.reduces() && left->step.ends_pass;
      if (reduced) reduction_.last_left();
    }
    if (steps) step(inputs);
    if (pipeline_.last() != nullptr && (left || was_empty)) show(*pipeline_.last(), shown_ = 0);
    if (const auto done = reduction_.edge(reduced)) lanes_.finish(*done);
  }

 private:
  bool gives_output() const { return pipeline_.last() != nullptr && pipeline_.last()->step.what().results > 0; }
  /// Whether the last register is empty or left at this edge.
  bool leaves(bool out_ready) const {
    return !gives_output() || (out_ready && shown_ + 1 == pipeline_.last()->step.what().results);
  }
  bool may_step(bool out_ready) const { return !reduction_.waits() && pipeline_.free(leaves(out_ready)); }

  void step(const Inputs& inputs) {
    const bool takes = walk_.takes_word();
    const std::span<const std::uint64_t> beat{inputs.in_data, layout_.in.words()};
    const VectorStep next =
        takes ? walk_.next(layout_.command(beat), layout_.count(beat), layout_.last(beat)) : walk_.next({}, 0, false);
    if (takes) lanes_.take(next, layout_.word(beat));
    if (!next.issues) return;
    pipeline_.enter(lanes_.issue(next));
    if (next.reduces() && next.ends_pass) reduction_.begin(next);
  }

  void show(const VectorIssue& issue, unsigned index) {
    if (issue.step.what().results > 0) layout_.set_result(slots_.next(), issue, index);
  }

  kernels::VectorParams params_;
  kernels::VectorLayout layout_;
  kernels::VectorWalk walk_;
  kernels::VectorLanes lanes_;
  LanePipeline pipeline_;
  Reduction reduction_;
  OutputSlots slots_;
  unsigned shown_ = 0;  ///< which result of the last register is offered
};

}  // namespace

kernels::Trace vector_unit_systemc(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                                   const kernels::Stimulus& stimulus, kernels::TraceWindow window) {
  return run_unit<VectorUnit>(unit, parameters, stimulus, window);
}

}  // namespace subbyte::models
