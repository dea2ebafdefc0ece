#include "sim/synthesis/equivalence.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>

#include "sim/base/input_error.hpp"
#include "sim/base/output_file.hpp"
#include "sim/synthesis/cut.hpp"
#include "sim/synthesis/rtl_sources.hpp"

namespace subbyte::sim {
namespace fs = std::filesystem;

// The part is left out, because the key names it.
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(PartProof, outcome, why, registers, outputs, seconds)

namespace {

using Json = nlohmann::json;

using Clock = std::chrono::steady_clock;

constexpr const char* kCheck = "cec -T {} -C 100000000 {} {}";

/// Knows what time a proof may still take.
class Limit {
 public:
  explicit Limit(double seconds) : seconds_(seconds) {}
  double taken() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }
  double left() const { return seconds_ - taken(); }
  std::string exceeded() const { return fmt::format("not decided within {:g} s", seconds_); }

  /// Runs the program and ends it when no time is left; its status is 124 then.
  ProgramOutcome run(std::vector<std::string> words) const {
    if (left() < 0.001) return {124, "", ""};
    words.insert(words.begin(), {"timeout", "--foreground", fmt::format("{:.3f}", left())});
    return run_program(words);
  }

 private:
  double seconds_;
  Clock::time_point start_ = Clock::now();
};

/// Returns the RTL of a part as yosys reads it, or nothing when the limit came first.
std::optional<Json> rtl_design(const SynthesisFlow& flow, const Part& part, const std::vector<Part>& parts,
                               const fs::path& folder, const Limit& limit) {
  auto values = source_values(rtl_sources(flow.rtl, part.module), part.module, part.parameters, folder);
  values["BLACKBOXES"] = black_boxes(part, parts);
  values["OUT"] = (folder / "gold.json").string();
  write_atomically(folder / "gold.ys", filled_script(flow.gold_script, values));
  const ProgramOutcome outcome = limit.run({"yosys", "-q", "-s", (folder / "gold.ys").string()});
  if (outcome.status == 124) return std::nullopt;
  if (outcome.status != 0) throw InputError(flow.rtl.string(), "yosys reading " + part.name, tool_errors(outcome));
  return tool_json(values["OUT"], "yosys");
}

std::set<std::string> both(const std::set<std::string>& a, const std::set<std::string>& b) {
  std::set<std::string> common;
  std::ranges::set_intersection(a, b, std::inserter(common, common.end()));
  return common;
}

std::set<std::string> only(const std::set<std::string>& a, const std::set<std::string>& b) {
  std::set<std::string> rest;
  std::ranges::set_difference(a, b, std::inserter(rest, rest.end()));
  return rest;
}

std::string some_of(const std::set<std::string>& names) {
  std::string text;
  std::size_t count = 0;
  for (const std::string& name : names) {
    if (count++ == 3) return text + fmt::format(" and {} more", names.size() - 3);
    text += (text.empty() ? "" : ", ") + name;
  }
  return text;
}

/// Returns the first line in which ABC names outputs that differ.
std::string difference(const std::string& log) {
  const std::size_t at = log.find("Verification failed");
  return at == std::string::npos ? "ABC found inputs for which outputs differ"
                                 : log.substr(at, log.find('\n', at) - at);
}

struct Circuits {
  CutLogic rtl, netlist;
  std::set<std::string> inputs, outputs;
  std::string unmatched;  ///< registers that only one side has
};

/// Matches the two sides. An input that only one side has is unused in the other; of registers, only what both have is
/// compared.
Circuits matched(CutLogic rtl, CutLogic netlist) {
  Circuits circuits{std::move(rtl), std::move(netlist), {}, {}, {}};
  for (const std::string& name : only(circuits.netlist.outputs(), circuits.rtl.outputs())) {
    if (name.ends_with(kClear) || name.ends_with(kPreset)) circuits.rtl.output(name, "g0");
  }
  const auto lost = only(circuits.rtl.registers(), circuits.netlist.registers());
  const auto extra = only(circuits.netlist.registers(), circuits.rtl.registers());
  if (!lost.empty()) circuits.unmatched += "registers of the RTL alone: " + some_of(lost);
  if (!extra.empty())
    circuits.unmatched += fmt::format("{}registers of the netlist alone: {}", lost.empty() ? "" : "; ", some_of(extra));
  circuits.inputs = circuits.rtl.inputs();
  circuits.inputs.insert(circuits.netlist.inputs().begin(), circuits.netlist.inputs().end());
  circuits.outputs = both(circuits.rtl.outputs(), circuits.netlist.outputs());
  return circuits;
}

/// Names the outputs that only one side has, though they are not those of a register without a counterpart.
std::string missing(const Circuits& circuits) {
  std::set<std::string> lost;
  for (const auto& [here, there] :
       {std::pair(&circuits.rtl, &circuits.netlist), std::pair(&circuits.netlist, &circuits.rtl)}) {
    for (const std::string& name : only(here->outputs(), there->outputs())) {
      if (!here->registers().contains(name.substr(0, name.rfind('.')))) lost.insert(name);
    }
  }
  return lost.empty() ? "" : "one side alone has " + some_of(lost);
}

PartProof checked(const Circuits& circuits, PartProof proof, const fs::path& folder, const Limit& limit) {
  write_atomically(folder / "rtl.blif", circuits.rtl.blif(circuits.inputs, circuits.outputs));
  write_atomically(folder / "netlist.blif", circuits.netlist.blif(circuits.inputs, circuits.outputs));
  const std::string command = fmt::format(fmt::runtime(kCheck), std::max(1, static_cast<int>(limit.left())),
                                          (folder / "rtl.blif").string(), (folder / "netlist.blif").string());
  // ABC looks at its own limit only between steps.
  const ProgramOutcome outcome = limit.run({"yosys-abc", "-q", command});
  if (outcome.output.find("Networks are equivalent") != std::string::npos) {
    proof.outcome = ProofOutcome::kProven;
  } else if (outcome.output.find("NOT EQUIVALENT") != std::string::npos) {
    proof.outcome = circuits.unmatched.empty() ? ProofOutcome::kDiffers : ProofOutcome::kNotFinished;
    proof.why = circuits.unmatched.empty() ? difference(outcome.output) : circuits.unmatched;
  } else if (outcome.status == 124 || outcome.output.find("UNDECIDED") != std::string::npos) {
    proof.why = limit.exceeded();
  } else {
    throw std::runtime_error("yosys-abc comparing " + proof.part + ": " + tool_errors(outcome) +
                             outcome.output.substr(0, 400));
  }
  return proof;
}

PartProof run_proof(const SynthesisFlow& flow, const Part& part, const std::vector<Part>& parts,
                    const std::string& verilog, double limit_s) {
  if (flow.progress) flow.progress("yosys-abc: RTL against netlist of " + part.name);
  const Limit limit(limit_s);
  const ScratchFolder scratch(tool_folder());
  PartProof proof;
  proof.part = part.name;
  const std::optional<Json> design = rtl_design(flow, part, parts, scratch.path(), limit);
  if (!design) {
    proof.why = limit.exceeded();
    proof.seconds = limit.taken();
    return proof;
  }
  const auto modules = parse_structural_verilog(verilog);
  CutLogic netlist = cut_netlist(modules.at(part.name), flow.library, child_ports(*design, part, parts));
  CutLogic rtl = cut_rtl(*design, part, parts, netlist.registers());
  proof.registers = netlist.registers().size();
  const Circuits circuits = matched(std::move(rtl), std::move(netlist));
  proof.outputs = circuits.outputs.size();
  if (const std::string lost = missing(circuits); !lost.empty()) {
    proof.outcome = ProofOutcome::kDiffers;
    proof.why = lost;
  } else {
    proof = checked(circuits, proof, scratch.path(), limit);
  }
  proof.seconds = limit.taken();
  return proof;
}

}  // namespace

const char* proof_outcome_name(ProofOutcome outcome) {
  constexpr const char* kNames[] = {"proven", "not finished", "DIFFERS"};
  return kNames[static_cast<std::size_t>(outcome)];
}

PartProof prove_part(const SynthesisFlow& flow, const Part& part, const std::vector<Part>& parts,
                     const std::string& verilog, double limit_s) {
  if (flow.tools.abc.empty()) throw InputError("", "yosys-abc", "cannot be run; install Debian's package yosys-abc");
  std::string key = fmt::format("prove {} {} {} {} {} {} {} {}", flow.tools.yosys, flow.tools.abc,
                                content_hash(flow.gold_script), part.name, part.module,
                                rtl_sources(flow.rtl, part.module).hash, flow.library.hash, content_hash(verilog));
  for (const auto& [name, value] : part.parameters) key += fmt::format(" {}={}", name, value);
  const auto decided = [](const Json& kept) { return kept["outcome"] != static_cast<int>(ProofOutcome::kNotFinished); };
  const auto prove = [&]() -> Json { return run_proof(flow, part, parts, verilog, limit_s); };
  PartProof proof = flow.cache.get(key, prove, decided);
  proof.part = part.name;
  return proof;
}

}  // namespace subbyte::sim
