// The valid bits of an elastic pipeline (kernels/TIMING.md), which is the twin of rtl/parts/elastic_control.sv.
#pragma once

#include <array>
#include <cstddef>

namespace subbyte::models {

/// `Stages` registers, the last of which is the output register.
template <std::size_t Stages>
class ElasticControl {
 public:
  bool in_ready(bool out_ready) const { return ready(out_ready)[0]; }
  bool out_valid() const { return valid_.back(); }

  /// Where load[k] is true, register k takes its input at this edge. Move the data downstream first, from the last to
  /// the first.
  using Loads = std::array<bool, Stages>;
  Loads edge(bool in_valid, bool out_ready) {
    const std::array<bool, Stages + 1> free = ready(out_ready);
    Loads load{};
    for (std::size_t k = 0; k < Stages; ++k) load[k] = (k == 0 ? in_valid : valid_[k - 1]) && free[k];
    for (std::size_t k = 0; k < Stages; ++k) valid_[k] = load[k] || (valid_[k] && !free[k + 1]);
    return load;
  }

 private:
  std::array<bool, Stages + 1> ready(bool out_ready) const {
    std::array<bool, Stages + 1> free{};
    free[Stages] = out_ready;
    for (std::size_t k = Stages; k-- > 0;) free[k] = !valid_[k] || free[k + 1];
    return free;
  }

  std::array<bool, Stages> valid_{};
};

}  // namespace subbyte::models
