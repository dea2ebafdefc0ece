// The inner loop of the netlist simulator, which is compiled for every instruction set and chosen at run time.
#include "quant/base/simd_targets.hpp"
#include "sim/netlist/gate_simulator.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sim/netlist/gate_simulator_simd.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace subbyte::sim::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Words = hn::CappedTag<std::uint64_t, kGateWords>;

template <bool kCount, typename Function>
HWY_INLINE void Apply(const GateStep& step, LaneBlock* HWY_RESTRICT slots, LaneBlock* HWY_RESTRICT counts,
                      const Function& function) {
  const Words d;
  std::uint64_t* target = slots[step.target].data();
  const std::uint64_t* a = slots[step.a].data();
  const std::uint64_t* b = slots[step.b].data();
  for (std::size_t i = 0; i < kGateWords; i += hn::Lanes(d)) {
    const auto value = function(hn::LoadU(d, a + i), hn::LoadU(d, b + i));
    if (kCount) {
      std::uint64_t* count = counts[step.target].data() + i;
      const auto changed = hn::Xor(value, hn::LoadU(d, target + i));
      hn::StoreU(hn::Add(hn::LoadU(d, count), hn::PopulationCount(changed)), d, count);
    }
    hn::StoreU(value, d, target + i);
  }
}

/// Runs the steps from `first` on that are of its kind and counted as it is; returns the one after them.
template <bool kCount>
HWY_INLINE const GateStep* Run(const GateStep* first, const GateStep* end, LaneBlock* HWY_RESTRICT slots,
                               LaneBlock* HWY_RESTRICT counts) {
  using Kind = LogicStep::Kind;
  const Words d;
  const Kind kind = first->kind;
  const bool counted = first->counted;
  const auto run = [&](const auto& function) HWY_ATTR {
    const GateStep* step = first;
    do {
      Apply<kCount>(*step, slots, counts, function);
    } while (++step != end && step->kind == kind && step->counted == counted);
    return step;
  };
  switch (kind) {
    case Kind::kLow:
      return run([&](auto, auto) HWY_ATTR { return hn::Zero(d); });
    case Kind::kHigh:
      return run([&](auto, auto) HWY_ATTR { return hn::Set(d, ~std::uint64_t{0}); });
    case Kind::kCopy:
      return run([&](auto a, auto) HWY_ATTR { return a; });
    case Kind::kNot:
      return run([&](auto a, auto) HWY_ATTR { return hn::Not(a); });
    case Kind::kAnd:
      return run([&](auto a, auto b) HWY_ATTR { return hn::And(a, b); });
    case Kind::kNand:
      return run([&](auto a, auto b) HWY_ATTR { return hn::Not(hn::And(a, b)); });
    case Kind::kOr:
      return run([&](auto a, auto b) HWY_ATTR { return hn::Or(a, b); });
    case Kind::kNor:
      return run([&](auto a, auto b) HWY_ATTR { return hn::Not(hn::Or(a, b)); });
    case Kind::kXor:
      return run([&](auto a, auto b) HWY_ATTR { return hn::Xor(a, b); });
    case Kind::kXnor:
      return run([&](auto a, auto b) HWY_ATTR { return hn::Not(hn::Xor(a, b)); });
  }
  return first + 1;
}

void RunGateSteps(std::span<const GateStep> steps, LaneBlock* HWY_RESTRICT slots, LaneBlock* HWY_RESTRICT counts) {
  const GateStep* step = steps.data();
  const GateStep* const end = step + steps.size();
  while (step != end) {
    step =
        counts != nullptr && step->counted ? Run<true>(step, end, slots, counts) : Run<false>(step, end, slots, counts);
  }
}

}  // namespace subbyte::sim::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace subbyte::sim {

HWY_EXPORT(RunGateSteps);

void run_gate_steps(std::span<const GateStep> steps, LaneBlock* slots, LaneBlock* counts) {
  HWY_DYNAMIC_DISPATCH(RunGateSteps)(steps, slots, counts);
}

}  // namespace subbyte::sim
#endif
