#include "sim/engines/verify_waves.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace subbyte::sim {

namespace {

/// "rows2-cols2": the parameters that are not the unit's defaults; "default" where there are none.
std::string changed_parameters(const kernels::UnitInfo& unit, const kernels::Parameters& parameters) {
  std::string text;
  for (const kernels::ParameterSpec& spec : unit.parameters)
    if (parameters.at(spec.name) != spec.default_value)
      text += fmt::format("{}{}{}", text.empty() ? "" : "-", spec.name, parameters.at(spec.name));
  return text.empty() ? "default" : text;
}

}  // namespace

std::vector<WaveFiles> write_verify_waves(const VerifyRequest& request, const VerifyResult& result,
                                          const std::filesystem::path& directory, bool always) {
  std::vector<WaveFiles> written;
  if (std::ranges::none_of(request.engines, [](const OpenEngine& engine) { return engine.name() == "rtl"; }))
    return written;
  std::map<std::pair<std::string, std::string>, const VerifyRun*> chosen;
  for (const VerifyRun& run : result.runs) {
    const VerifyRun*& choice = chosen[{run.unit->name, run.format}];
    if (choice == nullptr || (choice->equal() && !run.equal())) choice = &run;
  }
  for (const auto& [key, run] : chosen) {
    if (run->equal() && !always) continue;
    const VerifyRun drawn = run->equal() ? *run : shrunk(request, *run);
    const std::string stem =
        file_stem(fmt::format("{}-{}-{}-stalls{}-seed{}", drawn.unit->name, drawn.format,
                              changed_parameters(*drawn.unit, drawn.parameters), drawn.stall_percent, drawn.seed));
    written.push_back(write_engine_waves(*drawn.unit, drawn.parameters, drawn.stimulus(), request.options,
                                         directory / stem, drawn.first));
    written.back().what = fmt::format("of unit {}, format {}, {}, stalls {} %, {} cases{}", drawn.unit->name,
                                      drawn.format, kernels::parameters_text(drawn.parameters), drawn.stall_percent,
                                      drawn.cases, run->equal() ? "" : ", the shortest run that differs");
    written.back().again = drawn.again();
  }
  return written;
}

}  // namespace subbyte::sim
