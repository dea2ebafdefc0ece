// A synthesis result that no tool made, for tests of what is derived from one.
#pragma once

#include <string_view>

#include "kernels/catalogue.hpp"
#include "sim/synthesis/synthesis_result.hpp"

namespace subbyte::tests {

/// Returns a result of the unit with one part, "part", whose critical path takes `path_ns`. It has no area.
inline sim::SynthesisResult invented(std::string_view unit, double path_ns) {
  sim::SynthesisResult result;
  result.unit = &kernels::unit(unit);
  result.modules.push_back({});
  result.modules[0].name = result.modules[0].module = "part";
  result.modules[0].path = sim::TimingPath{path_ns, "a", "b"};
  return result;
}

}  // namespace subbyte::tests
