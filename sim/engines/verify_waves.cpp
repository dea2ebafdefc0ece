#include "sim/engines/verify_waves.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace subbyte::sim {

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
    const std::string stem =
        file_stem(fmt::format("{}-{}-stalls{}-seed{}", run->unit->name, run->format, run->stall_percent, run->seed));
    written.push_back(write_engine_waves(*run->unit, run->parameters, run->stimulus(), request.options,
                                         directory / stem, run->first));
  }
  return written;
}

}  // namespace subbyte::sim
