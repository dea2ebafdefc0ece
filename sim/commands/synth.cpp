// `subbyte synth`: area and critical path of units in a cell library.
#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "kernels/catalogue.hpp"
#include "reports/text.hpp"
#include "sim/area/area.hpp"
#include "sim/area/area_all.hpp"
#include "sim/area/area_files.hpp"
#include "sim/area/check_report.hpp"
#include "sim/base/input_error.hpp"
#include "sim/base/progress.hpp"
#include "sim/cells/technology.hpp"
#include "sim/commands/command.hpp"
#include "sim/commands/synth_options.hpp"
#include "sim/energy/area_delay.hpp"
#include "sim/energy/energy_operands.hpp"
#include "sim/engines/verify.hpp"
#include "sim/engines/waves.hpp"

namespace subbyte::sim {
namespace {

/// The parameters that the baseline shares with a tile.
kernels::Parameters shape_of(const kernels::Parameters& parameters) {
  kernels::Parameters shape;
  for (const char* name : {"rows", "cols"}) {
    const auto found = parameters.find(name);
    if (found != parameters.end()) shape.insert(*found);
  }
  return shape;
}

void print_results(std::span<const SynthesisResult> results, const reports::Record& record, const CellLibrary& library,
                   bool verbose) {
  const SynthesisTools& tools = results.front().tools;
  reports::TerminalText text(verbose);
  text.line("Library " + corner_text(library));
  text.line(fmt::format("Target  {:g} MHz", results.front().clock_mhz));
  text.footnote("library: " + library.path.string());
  text.footnote(fmt::format("tools: {}; {}", tools.yosys, kPathSource));
  text.footnote(fmt::format("script: sim/synthesis/synth.ys ({}), abc: {}", tools.script_hash, tools.abc_script));
  text.footnote("conventions: " + tools.conventions);
  for (const reports::Table& table : record.tables) {
    text.line("");
    text.table(table);
  }
  std::cout << text.text();
}

void finish(const SynthCommand& command, reports::Record record) {
  const auto rtl = foreign_rtl(command.synthesis.rtl);
  note_rtl(rtl, record);
  write_record(command.record, record);
  if (command.out) write_tables(*command.out, record);
  if (command.json)
    print_json(reports::to_json(record));
  else
    std::cout << foreign_rtl_text(rtl) << reports::terminal(record, command.verbose);
}

int run_curve(const SynthCommand& command, const CellLibrary& library) {
  CurveRequest request;
  request.unit = command.unit;
  request.parameters = kernels::resolve(*command.unit, command.parameters);
  request.targets_mhz = *command.curve;
  if (command.one_script) request.scripts = {command.synthesis.abc_script};
  request.options = command.synthesis;
  std::string origin;
  if (command.energy) {
    OperandNames names;
    names.format = command.format ? *command.format : default_format(*command.unit, request.parameters);
    Operands operands = operands_of(*command.unit, request.parameters, read_operands(*command.unit, names));
    request.stimulus = std::move(operands.stimulus);
    request.zero_delay = command.zero_delay;
    origin = operands.origin;
  }
  finish(command, curve_record(request, area_delay_curve(request, library), library, origin));
  return kDone;
}

int run_check(const SynthCommand& command, const CellLibrary& library) {
  std::vector<kernels::UnitPoint> points;
  if (command.all)
    points = area_points(command.points);
  else
    points.push_back({command.unit, command.parameters});
  const auto checks = check_units(points, library, command.synthesis, command.checks, [](const UnitCheck& check) {
    if (check.differs()) say("check: " + check.unit->name + " DIFFERS");
  });
  finish(command, check_record(checks, library, command.checks));
  return std::ranges::any_of(checks, &UnitCheck::differs) ? kDiffers : kDone;
}

/// What mapping one unit, the tile with its baseline, or all units ends with.
struct Mapped {
  std::vector<SynthesisResult> results;
  std::vector<std::string> folders;  ///< of each result
  reports::Record record;
  nlohmann::ordered_json json;
};

Mapped map_all(const SynthCommand& command, const CellLibrary& library) {
  SynthesisOptions options = command.synthesis;
  options.composed_path = false;
  const std::vector<kernels::UnitPoint> points = area_points(command.points);
  Mapped mapped;
  mapped.results = synthesize_all(points, library, options);
  for (const kernels::UnitPoint& point : points) mapped.folders.push_back(file_stem(point.name()));
  mapped.record = all_record(mapped.results, library);
  mapped.json = all_json(mapped.results, library);
  return mapped;
}

/// Says which design was mapped, and what of it was not.
void note_design(const Design& design, Mapped& mapped) {
  mapped.record.provenance["design_name"] = mapped.json["design_name"] = design.name;
  if (!design.core || !design.core->vector) return;
  mapped.json["left_out"] = "core.vector";
  mapped.record.tables.front().note += "\nThe design's vector unit has no RTL yet and is in no figure.";
}

Mapped map_some(const SynthCommand& command, const CellLibrary& library) {
  Mapped mapped;
  const SynthesisFlow flow = open_flow(library, command.synthesis);
  const auto map = [&](const kernels::UnitInfo& unit, const kernels::Parameters& parameters) {
    mapped.results.push_back(synthesize(flow, unit, parameters));
    mapped.folders.push_back(unit.name);
  };
  if (command.design) {
    const Design& design = *command.design;
    if (design.core)
      map(kernels::unit("core"), design.core->parameters);  // its vector unit has no RTL
    else
      map(*design.unit, design.parameters);
  } else if (command.unit != nullptr) {
    map(*command.unit, command.parameters);
  } else {
    map(kernels::unit("bitserial_tile"), command.parameters);
    map(kernels::unit(kBaselineUnit), shape_of(command.parameters));
    // The published widths as a point of its own: 3 bits kept in alignment, 15-bit signed accumulator,
    // truncation.
    map(kernels::unit("bitserial_pe"), published_pe_parameters());
    map(kernels::unit("group_dequant"), published_dequant_parameters());
  }
  mapped.record = synth_record(mapped.results, library);
  mapped.json = synth_json(mapped.results, library);
  if (command.design) note_design(*command.design, mapped);
  return mapped;
}

int run_mapping(const SynthCommand& command, const CellLibrary& library) {
  Mapped mapped = command.all ? map_all(command, library) : map_some(command, library);
  const auto rtl = foreign_rtl(command.synthesis.rtl);
  note_rtl(rtl, mapped.record);
  note_rtl(rtl, mapped.json);
  if (command.out) write_results(*command.out, mapped.json, mapped.record, mapped.results, mapped.folders, library);
  write_record(command.record, mapped.record);
  if (command.json)
    print_json(mapped.json);
  else {
    std::cout << foreign_rtl_text(rtl);
    print_results(mapped.results, mapped.record, library, command.verbose);
  }
  return kDone;
}

}  // namespace

int run_synth(Arguments args) {
  const auto command = read_synth(args);
  if (!command) return kDone;
  const CellLibrary library = open_technology(command->technology).library;
  if (command->curve) return run_curve(*command, library);
  return command->check ? run_check(*command, library) : run_mapping(*command, library);
}

}  // namespace subbyte::sim
