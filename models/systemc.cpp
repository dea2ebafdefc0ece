#include "models/systemc.hpp"

#include <map>

#include "kernels/stimulus.hpp"
#include "kernels/trace.hpp"
#include "kernels/unit.hpp"

namespace subbyte::models {

// What models/X.hpp declares for every unit X of the catalogue.
#define SUBBYTE_UNIT(name)                                                                                \
  kernels::Trace name##_systemc(const kernels::Parameters& parameters, const kernels::Stimulus& stimulus, \
                                kernels::TraceWindow window);
#include "kernels/units.def"
#undef SUBBYTE_UNIT

kernels::Trace run_systemc(std::string_view unit, const kernels::Parameters& parameters,
                           const kernels::Stimulus& stimulus, kernels::TraceWindow window) {
  using Model = kernels::Trace (*)(const kernels::Parameters&, const kernels::Stimulus&, kernels::TraceWindow);
#define SUBBYTE_UNIT(name) {#name, &name##_systemc},
  static const std::map<std::string_view, Model> models = {
#include "kernels/units.def"
  };
#undef SUBBYTE_UNIT
  // unit() names the nearest unit when there is none of that name.
  return models.at(kernels::unit(unit).name)(parameters, stimulus, window);
}

}  // namespace subbyte::models
