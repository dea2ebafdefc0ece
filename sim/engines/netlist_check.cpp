#include "sim/engines/netlist_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <nlohmann/json.hpp>

#include "sim/base/parallel_for.hpp"
#include "sim/base/progress.hpp"
#include "sim/engines/verify.hpp"

namespace subbyte::sim {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(SimulationCheck, exhaustive, lanes, cycles, compared, timed, differing, first,
                                   seconds, possible)

namespace {

using Json = nlohmann::json;

/// Returns the hash of this program, which holds the golden functions.
const std::string& program_hash() {
  static const std::string hash = content_hash(read_text("/proc/self/exe"));
  return hash;
}

SimulationCheck kept_simulation(const SynthesisFlow& flow, const kernels::UnitInfo& unit,
                                const kernels::Parameters& parameters, const std::string& verilog,
                                const CheckOptions& options) {
  const std::string key = fmt::format("check {} {} {} {} {} {}", unit.name, kernels::parameters_text(parameters),
                                      content_hash(verilog), flow.library.hash, options.lanes, options.seed);
  const JsonCache cache(flow.cache.folder(), program_hash());
  return cache.get(key, [&]() -> Json {
    const Step step = flow.step("netlist against golden function of " + unit.name);
    return simulate_check(unit, parameters, verilog, flow.library, options);
  });
}

UnitCheck checked(const SynthesisFlow& flow, const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                  const CheckOptions& options) {
  UnitCheck check;
  check.unit = &unit;
  check.parameters = kernels::resolve(unit, parameters);
  check.tools = flow.tools;
  const std::vector<Part> parts = elaborate(flow, unit.name, rtl_parameters(unit, check.parameters));
  std::string whole;
  for (const Part& part : parts) {
    const std::string verilog = map_part(flow, part, parts).verilog;
    check.parts.push_back({prove_part(flow, part, parts, verilog, options.limit_s), part.instances});
    whole.insert(0, verilog);
  }
  check.simulation = kept_simulation(flow, unit, check.parameters, whole, options);
  return check;
}

}  // namespace

bool UnitCheck::differs() const {
  return !simulation.equal() ||
         std::ranges::any_of(parts, [](const PartCheck& part) { return part.proof.outcome == ProofOutcome::kDiffers; });
}

UnitCheck check_unit(const kernels::UnitInfo& unit, const kernels::Parameters& parameters, const CellLibrary& library,
                     const SynthesisOptions& synthesis, const CheckOptions& options) {
  return checked(open_flow(library, synthesis), unit, parameters, options);
}

std::vector<UnitCheck> check_units(std::span<const kernels::UnitPoint> points, const CellLibrary& library,
                                   const SynthesisOptions& synthesis, const CheckOptions& options,
                                   const std::function<void(const UnitCheck&)>& done) {
  std::vector<UnitCheck> checks(points.size());
  std::mutex speaking;
  SynthesisOptions shared = synthesis;
  if (synthesis.progress) {
    shared.progress = [&](const std::string& line) {
      const std::lock_guard lock(speaking);
      synthesis.progress(line);
    };
  }
  const SynthesisFlow flow = open_flow(library, shared);
  Job job("units checked", static_cast<double>(points.size()));
  parallel_each(points.size(), all_cores(), [&](std::size_t i) {
    checks[i] = checked(flow, *points[i].unit, points[i].parameters, options);
    job.advance();
    const std::lock_guard lock(speaking);
    if (done) done(checks[i]);
  });
  return checks;
}

}  // namespace subbyte::sim
