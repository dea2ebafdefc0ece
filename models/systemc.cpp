#include "models/systemc.hpp"

#include <map>

#include "models/bitserial_pe.hpp"
#include "models/bitserial_tile.hpp"
#include "models/column_accumulator.hpp"
#include "models/group_dequant.hpp"
#include "models/term_encoder.hpp"

namespace subbyte::models {

kernels::Trace run_systemc(std::string_view unit, const kernels::Parameters& parameters,
                           const kernels::Stimulus& stimulus, kernels::TraceWindow window) {
  using Model =
      kernels::Trace (*)(const kernels::Parameters&, const kernels::Stimulus&, kernels::TraceWindow);
#define SUBBYTE_UNIT(name) {#name, &name##_systemc},
  static const std::map<std::string_view, Model> models = {
#include "kernels/units.def"
  };
#undef SUBBYTE_UNIT
  // unit() names the nearest unit when there is none of that name.
  return models.at(kernels::unit(unit).name)(parameters, stimulus, window);
}

}  // namespace subbyte::models
