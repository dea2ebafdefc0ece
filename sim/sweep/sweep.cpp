#include "sim/sweep/sweep.hpp"

#include <span>

#include "sim/base/hash.hpp"
#include "sim/base/made_by.hpp"
#include "sim/base/output_file.hpp"
#include "sim/config/config.hpp"
#include "sim/config/format_file.hpp"
#include "sim/sweep/front.hpp"
#include "sim/sweep/store.hpp"

namespace subbyte::sim {
namespace {

/// What a point's energy follows from beside design, layer, library and program.
nlohmann::json memory_key(const SweepPlan& plan, const Design& design) {
  if (!plan.energy) return nullptr;
  auto key = nlohmann::json::array({plan.zero_delay ? "zero delay" : "with glitches", to_json(design.memory.dram)});
  for (const SramEntry& entry : design.memory.sram) key.push_back(to_json(entry));
  return key;
}

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
        progress_(std::move(progress)) {}

  /// Makes all points: first those that nobody else computes, then those that another process computed meanwhile.
  void run(const PointFunction& compute) {
    pass(compute, false);
    pass(compute, true);
  }

  reports::Record record() const { return sweep_record(plan_, inputs_, order_, points_); }

 private:
  /// Goes over the points that are missing. With `wait`, one that is claimed elsewhere is waited for; without it, that
  /// point is left for later.
  void pass(const PointFunction& compute, bool wait) {
    for (std::size_t i = 0; i < order_.size(); ++i) {
      if (!points_[i].is_null()) continue;
      const std::optional<nlohmann::json> point = made(compute, order_[i], wait);
      if (!point) continue;
      points_[i] = *point;
      ++state_.done;
      state_.point = plan_.format_labels[order_[i].format] + " " + plan_.variants[order_[i].variant];
      if (progress_) progress_(state_);
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
};

}  // namespace

std::vector<SweepPoint> sweep_points(const SweepPlan& plan, const SweepInputs& inputs) {
  const std::string data =
      short_hash(std::as_bytes(std::span(inputs.weights))) + short_hash(std::as_bytes(std::span(inputs.activations)));
  std::vector<SweepPoint> points;
  for (std::size_t f = 0; f < plan.formats.size(); ++f)
    for (std::size_t v = 0; v < plan.designs.size(); ++v)
      points.push_back({config_hash({{"format", {plan.formats[f].id(), describe(plan.formats[f])}},
                                     {"design", plan.designs[v].resolved},
                                     {"shape", {inputs.out, inputs.in, plan.workload.tokens}},
                                     {"data", data},
                                     {"engines", plan.engines},
                                     {"energy", memory_key(plan, plan.designs[v])},
                                     {"silicon", plan.silicon.empty() ? "" : plan.silicon.at(v).key}}),
                        f, v});
  return points;
}

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
