#include "kernels/contract/stimulus.hpp"

namespace subbyte::kernels {
namespace {

// This is splitmix64. Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA'14.
std::uint64_t mix(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15U;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31);
}

}  // namespace

bool StallPlan::stalled(Side side, std::uint64_t cycle) const {
  const unsigned percent = side == Side::kInput ? input_percent : output_percent;
  if (percent == 0) return false;
  const std::uint64_t draw = mix(mix(seed * 2 + static_cast<std::uint64_t>(side)) ^ cycle);
  return (draw >> 32) * 100 >> 32 < percent;
}

}  // namespace subbyte::kernels
