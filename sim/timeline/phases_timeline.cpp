#include "sim/timeline/phases_timeline.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/timeline/pass_order.hpp"

namespace subbyte::sim {
namespace {

// Threads of a phase's process: the model, the tracks of a core, and the vector unit.
constexpr unsigned kModel = 1, kArray = 2, kVectorUnit = kModel + kCoreTrackCount + 1;

nlohmann::ordered_json cost_json(const CoreCost& cost) {
  nlohmann::ordered_json cycles = cycles_json(cost.counts);
  if (cost.vector > 0) cycles["vector"] = cost.vector;
  if (cost.vector_waiting > 0) cycles["vector waiting"] = cost.vector_waiting;
  return cycles;
}

/// Spans that a product has at most, step by step.
std::size_t most_spans(const ScheduledProduct& product) {
  return kMostSpansOfStep * product.best.layer.steps() + 2 * product.best.counts[kernels::kGap] + kFewestSpans;
}

/// Returns the number for which the sum of those below it, and of it in place of each larger one, is at most `room`.
std::size_t level_of(std::vector<std::size_t> needs, std::size_t room) {
  std::ranges::sort(needs);
  for (std::size_t i = 0; i < needs.size(); ++i) {
    const std::size_t share = room / (needs.size() - i);
    if (needs[i] > share) return share;
    room -= needs[i];
  }
  return kMostEvents;
}

/// Which of the events of a trace are for what.
struct Room {
  std::size_t spans = 0;               ///< of a layer, at most
  std::size_t blocks = 0, passes = 0;  ///< of a phase, that stand by themselves
};

/// Every product of the first passes stands step by step as far as the level allows.
std::size_t span_level(const Design& design, const PhaseWork& work, const ProductSchedules& schedules) {
  std::vector<std::size_t> needs;
  for (const Phase& phase : work.phases)
    for (std::size_t i = 0; i < phase.layers.size(); ++i)
      if (const PassCost one = pass_cost(design, phase, i, 0, schedules); one.product != nullptr)
        needs.push_back(most_spans(*one.product));
  return level_of(std::move(needs), kMostEvents / 4 * 3);
}

/// One phase as a process of the trace.
class PhaseTrace {
 public:
  PhaseTrace(TraceEvents& trace, unsigned process, const Design& design, const Phase& phase, std::size_t blocks,
             const ProductSchedules& schedules, Room room)
      : trace_(trace),
        process_(process),
        design_(design),
        phase_(phase),
        schedules_(schedules),
        order_(pass_order(phase, blocks)),
        room_(room) {
    trace.name(process, fmt::format("{}: {}", phase.name, phase.text));
    trace.name(process, kModel, "model");
    name_core_tracks(trace, process, kModel);
    trace.name(process, kVectorUnit, "vector unit");
  }

  /// Adds all passes from cycle `start` on, and returns the one behind them.
  std::uint64_t run(std::uint64_t start) {
    at_ = start;
    const std::size_t passes = room_.passes;
    for (std::size_t pass = 0; pass < std::min(passes, phase_.passes); ++pass) {
      if (pass == 0)
        first_pass();
      else
        lump(pass_name(pass), passes_cost(pass, pass + 1));
    }
    if (passes < phase_.passes)
      lump(fmt::format("steps {} to {}", passes + 1, phase_.passes), passes_cost(passes, phase_.passes));
    say_passes(passes);
    return at_;
  }
  const std::vector<std::string>& left_out() const { return left_out_; }

 private:
  std::string pass_name(std::size_t pass) const {
    return phase_.passes > 1 ? fmt::format("step {}", pass + 1) : phase_.name;
  }
  CoreCost cost_of(const std::vector<PassLayer>& layers, std::size_t pass) const {
    CoreCost sum;
    for (const PassLayer& layer : layers)
      sum += pass_cost(design_, phase_, layer.layer, pass, schedules_).cost * layer.count;
    return sum;
  }
  CoreCost passes_cost(std::size_t from, std::size_t to) const {
    CoreCost sum;
    for (std::size_t pass = from; pass < to; ++pass) {
      sum += cost_of(order_.before, pass);
      sum += cost_of(order_.block, pass) * order_.blocks;
      sum += cost_of(order_.after, pass);
    }
    return sum;
  }

  void event(unsigned thread, const std::string& name, std::uint64_t first, const CoreCost& cost) {
    trace_.add({process_, thread, first, cost.cycles(), name, {{"cycles", cost_json(cost)}}});
  }
  /// Adds an event for all of it to the model and to the array, and goes on behind it.
  void lump(const std::string& name, const CoreCost& cost) {
    event(kModel, name, at_, cost);
    event(kArray, name, at_, cost);
    at_ += cost.cycles();
  }

  void first_pass() {
    const std::size_t shown = std::max<std::size_t>(1, room_.blocks / (1 + 2 * order_.block.size()));
    event(kModel, pass_name(0), at_, passes_cost(0, 1));
    for (const PassLayer& layer : order_.before) add(layer, false, true);
    for (std::size_t block = 0; block < std::min(shown, order_.blocks); ++block) {
      event(kModel, fmt::format("block {}", block), at_, cost_of(order_.block, 0));
      for (const PassLayer& layer : order_.block) add(layer, true, block == 0);
    }
    if (shown < order_.blocks)
      lump(fmt::format("blocks {} to {}", shown, order_.blocks - 1),
           cost_of(order_.block, 0) * (order_.blocks - shown));
    for (const PassLayer& layer : order_.after) add(layer, false, true);
    if (!order_.known)
      say("blocks have different formats, so that layers stand with how often a pass has them, and not block by block");
    else if (order_.blocks > 1)
      say(fmt::format("blocks {} to {} are as block 0, whose layers stand step by step", 1, order_.blocks - 1));
  }

  /// Adds a layer of the first pass, step by step where it is `whole`.
  void add(const PassLayer& layer, bool in_block, bool whole) {
    const PhaseLayer& of = phase_.layers[layer.layer];
    const PassCost one = pass_cost(design_, phase_, layer.layer, 0, schedules_);
    const CoreCost all = one.cost * layer.count;
    std::string name = of.name;
    if (in_block) name.erase(0, name.find("*.") == std::string::npos ? 0 : name.find("*.") + 2);
    if (layer.count > 1) name += fmt::format(", {} times", layer.count);
    nlohmann::ordered_json args{{"cycles", cost_json(all)}, {"does", of.does()}};
    if (one.product != nullptr) {
      args["tokens x outputs x inputs"] =
          fmt::format("{} x {} x {}", one.size.tokens, one.size.outputs, one.size.inputs);
      args["blocks"] = one.product->layer.blocks;
      args["bound by"] = all.bound();
    }
    trace_.add({process_, kModel, at_, all.cycles(), name, std::move(args)});
    if (one.product == nullptr)
      event(kVectorUnit, name, at_, all);
    else if (whole)
      step_by_step(of.name, layer, one);
    else
      event(kArray, name, at_, all);
    at_ += all.cycles();
  }

  void step_by_step(const std::string& name, const PassLayer& layer, const PassCost& one) {
    const std::size_t most = std::max(kFewestSpans, std::min(room_.spans, most_spans(*one.product)));
    const CoreSpans spans = core_spans(one.product->plan, one.product->best, most);
    add_core_spans(trace_, process_, kModel, at_, one.product->plan, spans);
    for (const std::string& what : left_out_of(name, spans)) say(what);
    if (layer.count == 1) return;
    event(kArray, fmt::format("{} more", layer.count - 1), at_ + one.cost.cycles(), one.cost * (layer.count - 1));
  }

  void say(const std::string& what) { left_out_.push_back(fmt::format("{}: {}", phase_.name, what)); }
  void say_passes(std::size_t shown) {
    if (phase_.passes == 1) return;
    say(fmt::format("steps {} to {} are an event each, without layers", 2, std::min(shown, phase_.passes)));
    if (shown < phase_.passes) say(fmt::format("steps {} to {} are one event", shown + 1, phase_.passes));
  }

  TraceEvents& trace_;
  unsigned process_;
  const Design& design_;
  const Phase& phase_;
  const ProductSchedules& schedules_;
  PassOrder order_;
  Room room_;
  std::uint64_t at_ = 0;
  std::vector<std::string> left_out_;
};

}  // namespace

TimelineFile write_phases_timeline(const std::string& path, const Design& design, const PhaseWork& work,
                                   const ProductSchedules& schedules, nlohmann::ordered_json about) {
  TraceEvents trace(design.clock_mhz);
  std::vector<std::string> left_out;
  const std::size_t others = kMostEvents / 8 / std::max<std::size_t>(1, work.phases.size());
  const Room room{span_level(design, work, schedules), others, others / 2};
  std::uint64_t at = 0;
  for (std::size_t i = 0; i < work.phases.size(); ++i) {
    PhaseTrace phase(trace, static_cast<unsigned>(i + 1), design, work.phases[i], work.shape ? work.shape->layers : 0,
                     schedules, room);
    at = phase.run(at);
    left_out.insert(left_out.end(), phase.left_out().begin(), phase.left_out().end());
  }
  about["cycles"] = at;
  return write_trace(path, trace, std::move(about), std::move(left_out));
}

}  // namespace subbyte::sim
