#include "models/fast/fast_trace.hpp"

#include "models/fast/core_fast.hpp"
#include "models/fast/tile_fast.hpp"
#include "models/fast/vector_unit_fast.hpp"

namespace subbyte::models {
namespace {

constexpr std::string_view kCore = "core";
constexpr std::string_view kVectorUnit = "vector_unit";

}  // namespace

std::vector<std::string_view> fast_trace_units() {
  std::vector<std::string_view> units = fast_units();
  units.push_back(kCore);
  units.push_back(kVectorUnit);
  return units;
}

kernels::Trace fast_trace(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                          const kernels::Stimulus& stimulus, kernels::TraceWindow window) {
  if (unit.name == kCore) return core_fast(kernels::resolve(unit, parameters), stimulus, window);
  if (unit.name == kVectorUnit) return vector_unit_fast(kernels::resolve(unit, parameters), stimulus, window);
  const kernels::BeatShape shape = unit.output_shape(parameters);
  const std::vector<std::uint64_t> no_data(shape.words());
  kernels::Trace trace(shape, true, window);
  for (const std::uint64_t cycle : fast_output_cycles(unit, parameters, stimulus)) trace.append(no_data, cycle);
  return trace;
}

}  // namespace subbyte::models
