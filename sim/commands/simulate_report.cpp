#include "sim/commands/simulate_report.hpp"

#include <fmt/format.h>

#include "reports/record_json.hpp"
#include "reports/text.hpp"
#include "sim/commands/common_options.hpp"
#include "sim/cost/clock.hpp"
#include "sim/cost/layer_energy_report.hpp"
#include "sim/cost/layer_provenance.hpp"
#include "sim/cost/roofline.hpp"

namespace subbyte::sim {

const char* const kSimulateJson = R"(
JSON:
  {"equal", "layer", "format", "tokens", "in", "out", "activations", "activation_format",
   "design_name", "design", "design_hash",
   "engines":[{"engine","beats","wall_s","build_s","failure"}],
   and when equal "bound", "outputs", "metrics":[{"name","quantity","unit","value","source"}],
   else "mismatch", "waves", "clock", "clock_met", with --rtl-dir "rtl":{"folder","hash"},
   with --energy "conditions" and
   "energy":[{"where","action","count","pj_each","energy_j","low_j","high_j","source"}]}
   (low_j and high_j are null where no range is known), and with --layers
  {"equal","design_name","design","design_hash","tokens","left_out","outputs","metrics","clock",
   "clock_met",
   "split":{"quantized","unquantized":{"layers","weights","bits_per_weight","bytes"}},
   "layers":[{"layer","format","cycles","bound","time_s",...}]}
  and of a design with a core the first of these without "bound", and each with
  "record": what --record writes, which has the causes of cycles and the streams of memory
  and with --workload or --gemm {"record"}
  and each of these with --timeline "timeline":{"file","events","left_out":[TEXT]}
)";

namespace {

constexpr double kShownBuild = 1;  ///< seconds: finding what was built takes less

Traffic traffic_of(const SimulateReport& report) {
  return traffic_of(report.design, report.inputs.weights, report.inputs.activations.tokens);
}

std::string bound_of(const SimulateReport& report) {
  if (!report.result.cycles) return "";
  return layer_time(report.design, *report.result.cycles, traffic_of(report)).bound();
}

std::string title_of(const SimulateReport& report) {
  return fmt::format("{} in {} on {}, {} tokens", report.inputs.layer, report.inputs.weights.format.id(),
                     report.design.name, report.inputs.activations.tokens);
}

std::string engines_text(const SimulateResult& result) {
  std::string names, text;
  for (const EngineRun& run : result.engines) {
    names += (names.empty() ? "" : " = ") + run.engine;
    text += fmt::format("  {:<8} {} output beats in {:.2f} s of host time{}{}\n", run.engine, run.beats, run.wall_s,
                        run.build_s < kShownBuild ? "" : fmt::format(", after {:.1f} s of building it", run.build_s),
                        run.failure.empty() ? "" : "; did not finish: " + run.failure);
  }
  if (!result.equal()) {
    text += "DIFFER: the engines do not agree, so no performance figure is given.\n";
    if (result.first) text += "first wrong value: " + result.first->text() + "\n";
  } else if (result.engines.size() > 1) {
    text += fmt::format("equal: {}, {} values{}\n", names, result.y.size(),
                        result.cycles ? ", and the same cycles wherever an engine has them" : "");
  }
  return text;
}

reports::Table engines_table(const SimulateReport& report) {
  reports::Table engines{"Engines",
                         {{"engine", "", "", 4},
                          {"output beats", "", "", 4},
                          {"host time", "s", "", 3},
                          {"building", "s", "host, before the run", 3},
                          {"result", "", "", 4}},
                         {},
                         report.clock};
  for (const EngineRun& run : report.result.engines) {
    const std::string verdict = !run.failure.empty() ? run.failure : report.result.equal() ? "equal" : "DIFFER";
    engines.rows.push_back({run.engine, run.beats, run.wall_s, run.build_s, verdict});
  }
  if (report.result.first) engines.note += " First wrong value: " + report.result.first->text();
  return engines;
}

/// What the JSON of a run on a tile and of one on a core begin with.
nlohmann::ordered_json run_json(const Design& design, const LayerInputs& inputs, const std::vector<EngineRun>& engines,
                                bool equal) {
  nlohmann::ordered_json object{{"equal", equal},
                                {"layer", inputs.layer},
                                {"format", inputs.weights.format.id()},
                                {"tokens", inputs.activations.tokens},
                                {"in", inputs.weights.cols},
                                {"out", inputs.weights.rows},
                                {"activations", inputs.origin},
                                {"activation_format", activation_format(design)},
                                {"design_name", design.name},
                                {"design", design.resolved},
                                {"design_hash", design.hash},
                                {"engines", nlohmann::ordered_json::array()}};
  for (const EngineRun& run : engines)
    object["engines"].push_back({{"engine", run.engine},
                                 {"beats", run.beats},
                                 {"wall_s", run.wall_s},
                                 {"build_s", run.build_s},
                                 {"failure", run.failure}});
  return object;
}

}  // namespace

reports::Record simulate_record(const SimulateReport& report) {
  const Design& design = report.design;
  reports::Record record;
  record.title = title_of(report);
  record.kind = "simulate";
  record.provenance = layer_provenance(design, report.inputs);
  if (report.result.equal()) record.provenance["outputs"] = outputs_text(design, traffic_of(report));
  if (!report.clock.empty()) note_clock(report.clock, report.clock_met, record.provenance);
  if (!report.technology.empty()) record.provenance["technology"] = report.technology;
  record.metrics = report.metrics;
  record.tables = {engines_table(report)};
  if (!report.result.equal() || !report.result.cycles) return record;
  if (report.energy) {
    record.provenance["energy"] = report.conditions;
    add_energy(record, *report.energy, report.conditions);
  }
  const LayerInputs& inputs = report.inputs;
  add_roofline(
      record, design.name,
      {{inputs.layer, roofline_point(design, inputs.weights, inputs.activations.tokens, *report.result.cycles)}});
  return record;
}

nlohmann::ordered_json simulate_json(const SimulateReport& report) {
  const SimulateResult& result = report.result;
  nlohmann::ordered_json object = run_json(report.design, report.inputs, result.engines, result.equal());
  if (result.equal()) {
    const std::string bound = bound_of(report);
    object["bound"] = bound.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(bound);
    object["outputs"] = outputs_text(report.design, traffic_of(report));
    object["metrics"] = reports::metrics_json(report.metrics);
    if (report.energy) {
      object["energy"] = energy_json(*report.energy);
      object["conditions"] = report.conditions;
    }
  } else if (result.first) {
    object["mismatch"] = result.first->json();
  }
  if (!report.clock.empty()) note_clock(report.clock, report.clock_met, object);
  object["waves"] = nlohmann::ordered_json::array();
  for (const WaveFiles& wave : report.waves) object["waves"].push_back(wave.json());
  return object;
}

nlohmann::ordered_json core_json(const CoreReport& report) {
  const CoreResult& result = report.result;
  const reports::Record& record = report.record;
  nlohmann::ordered_json object = run_json(report.design, report.inputs, result.engines, result.equal());
  if (result.equal()) {
    object["outputs"] = record.provenance["outputs"];
    object["metrics"] = reports::metrics_json(record.metrics);
    if (report.energy) {
      object["energy"] = energy_json(report.energy->energy);
      object["conditions"] = report.energy->conditions;
    }
  } else if (result.first) {
    object["mismatch"] = result.first->json();
  }
  for (const char* key : {"clock", "clock_met"}) object[key] = record.provenance[key];
  object["waves"] = nlohmann::ordered_json::array();
  for (const WaveFiles& wave : report.waves) object["waves"].push_back(wave.json());
  if (report.timeline) object["timeline"] = report.timeline->json();
  object["record"] = reports::to_json(record);
  note_rtl(report.rtl, object);
  return object;
}

std::string core_text(const CoreReport& report, bool verbose) {
  const std::string clock = report.record.provenance["clock"];
  const auto& first = report.result.first;
  std::string text = foreign_rtl_text(report.rtl) +
                     reports::terminal(report.record, verbose, first ? "first difference: " + first->text() : clock);
  for (const WaveFiles& wave : report.waves) text += reports::wrapped_text(wave.text(), reports::kTerminalColumns, 0);
  return text + (report.timeline ? report.timeline->text() : "");
}

nlohmann::ordered_json shapes_json(const reports::Record& record, const std::optional<TimelineFile>& timeline) {
  nlohmann::ordered_json object{{"record", reports::to_json(record)}};
  if (timeline) object["timeline"] = timeline->json();
  return object;
}

std::string simulate_text(const SimulateReport& report, bool verbose) {
  const Design& design = report.design;
  const SimulateResult& result = report.result;
  const LayerInputs& inputs = report.inputs;
  reports::TerminalText text(verbose);
  text.line(fmt::format("{} ({} outputs x {} inputs, {}{}), {} tokens", inputs.layer, inputs.weights.rows,
                        inputs.weights.cols, inputs.weights.format.id(),
                        inputs.layers > 1 ? fmt::format(", one of {} layers", inputs.layers) : "",
                        inputs.activations.tokens));
  text.line(fmt::format("activations: {}{}", result.loop.int8_activations ? "INT8 per token, of " : "", inputs.origin));
  text.line(fmt::format("design: {} ({} {} tokens x {} outputs x {} lanes, {:g} MHz, {:g} GB/s)", design.name,
                        design.unit->name, result.loop.rows, result.loop.cols, result.loop.lanes, design.clock_mhz,
                        design.memory.bandwidth_gb_per_s));
  text.footnote("hash of the design: " + design.hash);
  if (design.output.bits != 32 || design.output.to_buffer)
    text.line(fmt::format("outputs: {}", outputs_text(design, traffic_of(report))));
  text.line(engines_text(result));
  if (result.equal()) {
    text.metrics(report.metrics);
    if (report.energy) {
      text.line("");
      text.table(energy_table(*report.energy, report.conditions));
    }
    text.line(result.cycles ? fmt::format("bound by {}", bound_of(report))
                            : "no cycles: engine golden computes bits alone; add systemc or rtl");
  }
  for (const WaveFiles& wave : report.waves) text.line(wave.text());
  if (!report.clock.empty()) text.line(report.clock);
  return text.text();
}

}  // namespace subbyte::sim
