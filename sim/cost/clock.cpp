#include "sim/cost/clock.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/area/area.hpp"
#include "sim/base/input_error.hpp"
#include "sim/synthesis/flow.hpp"

namespace subbyte::sim {

std::optional<ClockCheck> kept_clock(const Design& design, const CellLibrary& library,
                                     const std::filesystem::path& rtl) try {
  SynthesisOptions options;
  options.clock_mhz = design.clock_mhz;
  options.rtl = rtl;
  options.kept_alone = true;
  return clock_met(synthesize(open_flow(library, options), *design.unit, design.parameters), design.clock_mhz);
} catch (const NotKept&) {
  return std::nullopt;
} catch (const InputError&) {  // without the tools there is nothing to look up
  return std::nullopt;
}

Silicon silicon_of(const Design& design, const OpenTechnology& opened) {
  const SynthesisResult result = synthesize(opened.flow, *design.unit, design.parameters);
  const ClockCheck check = clock_met(result, design.clock_mhz);
  const std::string source = "rtl synthesised in " + corner_text(opened.technology.library);
  return {{{"area", "area", "um2", result.area_um2, source},
           {"gate_equivalents", "area", "GE", result.gate_equivalents, source},
           {"critical_path", "time", "ns", check.path_ns, source + ", in " + check.where}},
          check};
}

void require_met(const Design& design, const ClockCheck& check) {
  if (check.met) return;
  throw InputError(
      "", fmt::format("design {}", design.name),
      fmt::format("has a clock that its circuit cannot reach: {}; expected clock_mhz of at most {:.4g}, or "
                  "--clock-unchecked",
                  check.text, 1e3 / check.path_ns));
}

std::string unchecked_text(const Design& design) {
  return fmt::format("clock: {:g} MHz is what the design asks for and was not checked; --synth checks it",
                     design.clock_mhz);
}

ClockSays clock_says(const Design& design, const std::optional<ClockCheck>& check, bool allowed) {
  if (check && !allowed) require_met(design, *check);
  if (!check) return {unchecked_text(design), kClockNotChecked};
  return {check->text, check->met ? "" : "clock missed", check->met};
}

void mark_clock(const std::string& mark, std::vector<reports::Metric>& metrics) {
  if (mark.empty()) return;
  constexpr std::array kFollowing{"time", "rate", "power"};
  for (reports::Metric& metric : metrics)
    if (std::ranges::find(kFollowing, metric.quantity) != kFollowing.end()) metric.source += ", " + mark;
}

}  // namespace subbyte::sim
