// The inner loop of the netlist simulator, compiled for every instruction set and chosen at run time.
#include "sim/gate_simulator.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sim/gate_simulator_simd.cpp"
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

template <bool kCount>
HWY_INLINE void Dispatch(const GateStep& step, LaneBlock* HWY_RESTRICT slots, LaneBlock* HWY_RESTRICT counts) {
  using Kind = LogicStep::Kind;
  const Words d;
  const auto apply = [&](const auto& function) HWY_ATTR { Apply<kCount>(step, slots, counts, function); };
  switch (step.kind) {
    case Kind::kLow:
      return apply([&](auto, auto) HWY_ATTR { return hn::Zero(d); });
    case Kind::kHigh:
      return apply([&](auto, auto) HWY_ATTR { return hn::Set(d, ~std::uint64_t{0}); });
    case Kind::kCopy:
      return apply([&](auto a, auto) HWY_ATTR { return a; });
    case Kind::kNot:
      return apply([&](auto a, auto) HWY_ATTR { return hn::Not(a); });
    case Kind::kAnd:
      return apply([&](auto a, auto b) HWY_ATTR { return hn::And(a, b); });
    case Kind::kNand:
      return apply([&](auto a, auto b) HWY_ATTR { return hn::Not(hn::And(a, b)); });
    case Kind::kOr:
      return apply([&](auto a, auto b) HWY_ATTR { return hn::Or(a, b); });
    case Kind::kNor:
      return apply([&](auto a, auto b) HWY_ATTR { return hn::Not(hn::Or(a, b)); });
    case Kind::kXor:
      return apply([&](auto a, auto b) HWY_ATTR { return hn::Xor(a, b); });
    case Kind::kXnor:
      return apply([&](auto a, auto b) HWY_ATTR { return hn::Not(hn::Xor(a, b)); });
  }
}

void RunGateSteps(std::span<const GateStep> steps, LaneBlock* HWY_RESTRICT slots, LaneBlock* HWY_RESTRICT counts) {
  if (counts == nullptr) {
    for (const GateStep& step : steps) Dispatch<false>(step, slots, counts);
    return;
  }
  for (const GateStep& step : steps) {
    if (step.counted) {
      Dispatch<true>(step, slots, counts);
    } else {
      Dispatch<false>(step, slots, counts);
    }
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
