#include "kernels/contract/flow.hpp"

namespace subbyte::kernels {
namespace {

class StallFlow : public Flow {
 public:
  explicit StallFlow(const StallPlan& stalls) : stalls_(stalls) {}
  bool offers(std::uint64_t cycle) override { return !stalls_.stalled(Side::kInput, cycle); }
  bool takes(std::uint64_t cycle) override { return !stalls_.stalled(Side::kOutput, cycle); }
  void taken(std::span<const std::uint64_t> /*beat*/, std::uint64_t /*cycle*/) override {}

 private:
  StallPlan stalls_;
};

}  // namespace

std::unique_ptr<Flow> flow_of(const Stimulus& stimulus) {
  if (stimulus.flow) return stimulus.flow();
  return std::make_unique<StallFlow>(stimulus.stalls);
}

}  // namespace subbyte::kernels
