#include "sim/area/check_report.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "sim/area/area.hpp"
#include "sim/engines/verify.hpp"

namespace subbyte::sim {
namespace {

using Json = nlohmann::json;

std::string unit_name(const UnitCheck& check) {
  return fmt::format("{} {}", check.unit->name, kernels::parameters_text(check.parameters));
}

reports::Table part_table(std::span<const UnitCheck> checks, const CheckOptions& options) {
  reports::Table table;
  table.title = "RTL against netlist, part by part";
  table.columns = {{"unit", "", "rtl"},          {"part", "", "rtl"},    {"instances", "", "rtl"},
                   {"registers", "", "netlist"}, {"outputs", "", "rtl"}, {"outcome", "", "abc"},
                   {"took", "s", "host", 3},     {"why", "", "abc"}};
  for (const UnitCheck& check : checks) {
    for (const PartCheck& part : check.parts) {
      table.rows.push_back({check.unit->name, part.proof.part, part.instances, part.proof.registers, part.proof.outputs,
                            proof_outcome_name(part.proof.outcome), part.proof.seconds, part.proof.why});
    }
  }
  const ProofCounts counts = proof_counts(checks);
  table.note = fmt::format(
      "{} proven, {} not finished, {} differ (a part that units share counts once).\nProven: from every state of the "
      "registers, next states, clocks, outputs and the inputs of other parts are equal; at most {:g} s each.",
      counts.proven, counts.not_finished, counts.differ, options.limit_s);
  return table;
}

std::string what_came(const SimulationCheck& simulation) {
  if (!simulation.possible) return "runs no format at these parameters";
  return simulation.compared == 0 && simulation.first.empty() ? "no output came" : simulation.first;
}

reports::Table unit_table(std::span<const UnitCheck> checks) {
  reports::Table table;
  table.title = "Netlist against golden function, whole units";
  table.columns = {{"unit", "", "rtl"},       {"stimulus", "", ""},       {"windows", "", ""},
                   {"cycles each", "", ""},   {"beats compared", "", ""}, {"windows counted", "", "systemc"},
                   {"differ", "", "netlist"}, {"took", "s", "host", 3},   {"first difference", "", ""}};
  for (const UnitCheck& check : checks) {
    const SimulationCheck& simulation = check.simulation;
    table.rows.push_back({unit_name(check), simulation.exhaustive ? "every input" : "random", simulation.lanes,
                          simulation.cycles == 0 ? Json(nullptr) : Json(simulation.cycles), simulation.compared,
                          simulation.cycles == 0 ? Json(nullptr) : Json(simulation.timed), simulation.differing,
                          simulation.seconds, what_came(simulation)});
  }
  table.note =
      "\nRegisters start as the run before left them; a window starts with a reset.\nWindows counted: as many output "
      "beats as the SystemC model's in as many cycles, of windows in turn and of those with the fewest beats.";
  return table;
}

}  // namespace

ProofCounts proof_counts(std::span<const UnitCheck> checks) {
  ProofCounts counts;
  std::set<std::tuple<std::string, std::size_t, std::size_t, double>> seen;
  for (const UnitCheck& check : checks) {
    for (const PartCheck& part : check.parts) {
      const PartProof& proof = part.proof;
      if (!seen.insert({proof.part, proof.registers, proof.outputs, proof.seconds}).second) continue;
      counts.proven += proof.outcome == ProofOutcome::kProven ? 1 : 0;
      counts.not_finished += proof.outcome == ProofOutcome::kNotFinished ? 1 : 0;
      counts.differ += proof.outcome == ProofOutcome::kDiffers ? 1 : 0;
    }
  }
  return counts;
}

reports::Record check_record(std::span<const UnitCheck> checks, const CellLibrary& library,
                             const CheckOptions& options) {
  reports::Record record;
  record.title = "RTL against netlists in " + corner_text(library);
  record.kind = "synth";
  record.provenance["library"] = library_json(library);
  if (!checks.empty()) record.provenance["tools"] = tools_json(checks.front().tools);
  if (!checks.empty()) record.provenance["yosys-abc"] = checks.front().tools.abc;
  record.provenance["limit_s"] = options.limit_s;
  record.provenance["seed"] = options.seed;
  const ProofCounts counts = proof_counts(checks);
  const auto metric = [&](const char* name, std::size_t value) {
    record.metrics.push_back({name, "parts", "", static_cast<double>(value), "abc cec"});
  };
  metric("proven", counts.proven);
  metric("not finished", counts.not_finished);
  metric("differ", counts.differ);
  record.tables.push_back(part_table(checks, options));
  record.tables.push_back(unit_table(checks));
  return record;
}

}  // namespace subbyte::sim
