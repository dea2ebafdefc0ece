#include "sim/engines/rtl_engine.hpp"

#include <stdexcept>

#include "sim/base/input_error.hpp"
#include "sim/base/paths.hpp"
#include "sim/engines/rtl_library.hpp"

namespace subbyte::sim {

std::filesystem::path build_rtl(const kernels::UnitInfo& unit, const kernels::Parameters& given,
                                const RtlOptions& options) {
  if (const auto why = kernels::without_rtl(unit)) throw InputError("", "unit " + unit.name, why->text);
  const testbenches::BenchOptions& bench = options.bench;
  const bool waves = !bench.fst_path.empty();
  return rtl_library({{unit, kernels::resolve(unit, given), bench.mutant >= 0, options.netlist, waves},
                      options.rtl_dir.empty() ? source_folder() / "rtl" : options.rtl_dir,
                      waves,
                      !bench.coverage_path.empty()});
}

kernels::Trace run_rtl(const kernels::UnitInfo& unit, const kernels::Parameters& given,
                       const kernels::Stimulus& stimulus, kernels::TraceWindow window, const RtlOptions& options) {
  const kernels::Parameters parameters = kernels::resolve(unit, given);
  const std::filesystem::path library = build_rtl(unit, parameters, options);
  const std::string what = options.netlist ? "netlist of " : "RTL of ";
  try {
    return testbenches::run_verilated(library, unit, parameters, stimulus, window, options.bench);
  } catch (const kernels::RunFailure& error) {
    throw kernels::RunFailure(what + error.what());
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(what + error.what());
  }
}

}  // namespace subbyte::sim
