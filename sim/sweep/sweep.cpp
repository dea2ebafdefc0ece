#include "sim/sweep/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/base/made_by.hpp"
#include "sim/base/output_file.hpp"
#include "sim/base/progress.hpp"
#include "sim/sweep/store.hpp"
#include "sim/sweep/sweep_record.hpp"

namespace subbyte::sim {
namespace {

/// A sweep under way. It holds its points in order, each empty until the store has it.
class Sweep {
 public:
  using Listener = std::function<void(const SweepProgress&)>;

  Sweep(const SweepPlan& plan, const SweepInputs& inputs, const std::filesystem::path& directory, Listener progress)
      : plan_(plan),
        inputs_(inputs),
        store_(directory),
        order_(sweep_points(plan, inputs)),
        points_(order_.size()),
        state_{0, order_.size(), 0, store_.outdated(), ""},
        progress_(std::move(progress)),
        job_("points", static_cast<double>(order_.size())) {}

  /// Makes all points: first takes those of the store, so that the time left is that of the others; then those that
  /// nobody else computes, then those that another process computed meanwhile.
  void run(const PointFunction& compute) {
    take_known();
    pass(compute, false);
    pass(compute, true);
  }

  reports::Record record() const { return sweep_record(plan_, inputs_, order_, points_); }

 private:
  void take_known() {
    for (std::size_t i = 0; i < order_.size(); ++i)
      if (const auto known = store_.load(order_[i].key)) take(i, *known, false);
  }

  std::string name_of(const SweepPoint& point) const {
    return plan_.format_labels[point.format] + " " + plan_.variants[point.variant];
  }

  void take(std::size_t i, const nlohmann::json& point, bool computed) {
    computed ? job_.advance() : job_.skip();
    points_[i] = point;
    ++state_.done;
    state_.point = name_of(order_[i]);
    if (progress_) progress_(state_);
  }

  /// Goes over the points that are missing. With `wait`, one that is claimed elsewhere is waited for; without it, that
  /// point is left for later.
  void pass(const PointFunction& compute, bool wait) {
    for (std::size_t i = 0; i < order_.size(); ++i) {
      if (!points_[i].is_null()) continue;
      job_.at(name_of(order_[i]));
      const std::size_t computed = state_.computed;
      if (const auto point = made(compute, order_[i], wait)) take(i, *point, state_.computed != computed);
    }
  }

  /// Returns a point from the store, or computes it under a claim and stores it. Returns nothing where another process
  /// has the claim.
  std::optional<nlohmann::json> made(const PointFunction& compute, const SweepPoint& point, bool wait) {
    if (auto known = store_.load(point.key)) return known;
    const auto claim = wait ? std::optional<SweepStore::Claim>(store_.claim(point.key)) : store_.try_claim(point.key);
    if (!claim) return std::nullopt;
    if (auto known = store_.load(point.key)) return known;  // it was finished between the look and the claim
    const nlohmann::json computed = compute(plan_, inputs_, point);
    store_.save(point.key, computed);
    ++state_.computed;
    return computed;
  }

  const SweepPlan& plan_;
  const SweepInputs& inputs_;
  SweepStore store_;
  std::vector<SweepPoint> order_;
  std::vector<nlohmann::json> points_;
  SweepProgress state_;
  Listener progress_;
  Job job_;
};

}  // namespace

reports::Record run_sweep(const SweepPlan& plan, const SweepInputs& inputs, const std::filesystem::path& directory,
                          const PointFunction& compute, const std::function<void(const SweepProgress&)>& progress) {
  Sweep sweep(plan, inputs, directory, progress);
  sweep.run(compute);
  reports::Record record = sweep.record();
  record.provenance["made_by"] = made_by();
  const std::string stem = plan.name + "-" + plan.hash.substr(0, 8);
  write_atomically(directory / (stem + ".json"),
                   reports::to_json(record).dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  write_atomically(directory / (stem + ".csv"), reports::csv(record.tables[0]));
  return record;
}

}  // namespace subbyte::sim
