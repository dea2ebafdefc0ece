// Critical paths by Debian's sta, beside which our own are set in tests and in `synth --sta`.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "sim/base/input_error.hpp"
#include "sim/base/output_file.hpp"
#include "sim/synthesis/flow.hpp"
#include "sim/synthesis/kept_json.hpp"

namespace subbyte::sim {
namespace fs = std::filesystem;
using Json = nlohmann::json;
namespace {

// No path needs such a long period. It is a power of two, so that period - slack loses no digit.
constexpr double kTimingPeriodNs = 1024;

std::string after(const std::string& text, const std::string& mark) {
  const std::size_t at = text.find(mark);
  if (at == std::string::npos) return {};
  const std::size_t begin = at + mark.size();
  return text.substr(begin, text.find_first_of(" \n", begin) - begin);
}

/// Returns the first path of a report.
std::optional<TimingPath> read_path(const std::string& report, double period, double unit_ns) {
  std::istringstream lines(report);
  std::string line;
  while (std::getline(lines, line)) {
    if (line.find(" slack (") == std::string::npos) continue;
    return TimingPath{(period - std::stod(line)) * unit_ns, after(report, "Startpoint: "), after(report, "Endpoint: ")};
  }
  return std::nullopt;
}

/// Returns the paths by section name, or nothing when the script did not run to its end.
Json read_sections(const std::string& output, double period, double unit_ns) {
  const std::string mark = "section ";
  Json paths = Json::object();
  for (std::size_t at = output.find(mark); at != std::string::npos;) {
    const std::size_t next = output.find(mark, at + 1);
    const std::string name = after(output.substr(at), mark);
    if (name == "end") return paths;
    paths[name] = read_path(output.substr(at, next - at), period, unit_ns);
    at = next;
  }
  return Json::object();
}

Json run_timing(const SynthesisFlow& flow, const std::string& verilog, const std::string& top,
                const std::string& parts) {
  if (flow.progress)
    flow.progress(fmt::format("sta: critical paths of {}{}", top, parts.empty() ? "" : " with its parts"));
  const ScratchFolder scratch(tool_folder());
  const fs::path netlist = scratch.path() / "netlist.v";
  const fs::path script = scratch.path() / "timing.tcl";
  write_atomically(netlist, verilog);
  const double unit = flow.library.time_unit_ns;
  const double period = kTimingPeriodNs / unit;
  const double load = output_load_ff(flow.library) / flow.library.capacitance_unit_ff;
  write_atomically(
      script,
      filled_script(flow.timing_script, {{"LIBERTY", tool_path(prepared_library(flow), scratch.path() / "library.lib")},
                                         {"NETLIST", netlist.string()},
                                         {"TOP", top},
                                         {"PARTS", parts},
                                         {"PERIOD", fmt::format("{}", period)},
                                         {"DRIVER", smallest_buffer(flow.library).name},
                                         {"LOAD", fmt::format("{:.9g}", load)}}));
  const ProgramOutcome outcome = run_program({"sta", "-no_splash", "-exit", script.string()});
  const Json paths = read_sections(outcome.output, period, unit);
  if (outcome.status != 0 || paths.empty()) {
    throw InputError(flow.library.path.string(), "sta timing " + top, tool_errors(outcome));
  }
  return paths;
}

}  // namespace

NetlistPaths time_netlist(const SynthesisFlow& flow, const std::string& verilog, const std::string& top,
                          const std::vector<std::string>& parts) {
  if (flow.tools.sta.empty()) throw InputError("", "sta", "cannot be run, expected Debian's package opensta");
  const std::string names = fmt::format("{}", fmt::join(parts, " "));
  const std::string key = fmt::format("time {} {} {} {} {}: {}", flow.tools.sta, content_hash(flow.timing_script),
                                      flow.library.hash, content_hash(verilog), top, names);
  const Json kept = flow.cache.get(key, [&] { return run_timing(flow, verilog, top, names); });
  NetlistPaths paths{
      kept.at("all").get<std::optional<TimingPath>>(), kept.at("registers").get<std::optional<TimingPath>>(), {}};
  for (const std::string& part : parts) {
    if (const auto path = kept.at(part).get<std::optional<TimingPath>>()) paths.ends_in_part[part] = *path;
  }
  return paths;
}

}  // namespace subbyte::sim
