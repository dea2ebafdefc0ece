// Compares arithmetic operations in gates with the two tables of energy per operation that papers quote.
#include "sim/reproduce/operations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/area/area.hpp"
#include "sim/base/progress.hpp"
#include "sim/cells/technology.hpp"
#include "sim/energy/energy_report.hpp"
#include "sim/reproduce/reproduce.hpp"

namespace subbyte::sim {
namespace {

/// Holds the energies of one publication's table and why ours may differ, in the order of reference_operations().
struct Publication {
  std::string_view name;
  unsigned nm;
  double voltage_v;  ///< 0 where it is not stated, so that nothing is scaled
  struct Row {
    double pj;  ///< 0 where the table does not have it
    bool interpolated;
    std::string_view reason;
  };
  std::array<Row, 7> rows;
};

constexpr std::string_view kAdder =
    "abc maps no full-adder cells (a bit is about 7 GE of simple gates) and shares logic for area, so "
    "carries ripple; the nets "
    "of both operands and the load of the sum may not be in the published figure";
constexpr std::string_view kMultiplier =
    "neither Booth recoding nor full-adder cells: compressors of simple gates, every one of whose nets "
    "moves, about twice the "
    "cells of a designed multiplier";
constexpr std::string_view kFp16Multiplier =
    "an 11 x 11 array, and around it what IEEE 754 asks for: both operands normalised before it, subnormal "
    "results, nearest even, "
    "NaN; the published figures say of neither what it rounds and keeps";
constexpr std::string_view kFp16Adder =
    "subnormals, nearest even and NaN in one path of full width, with a shifter before and one behind the "
    "sum; the published "
    "figures say of neither what it rounds and keeps";
constexpr std::string_view kUnregistered =
    "ours is logic alone, without glitches, registers, clock or wires, and the paper does not say which of "
    "them its figure holds: "
    "see the ratio with glitches";

constexpr std::array kPublications{
    Publication{"Horowitz, ISSCC 2014, figure 1.1.9",
                45,
                0.9,
                {{{0.03, false, kAdder},
                  {0.05, true, kAdder},
                  {0.1, false, kAdder},
                  {0.2, false, kMultiplier},
                  {3.1, false, kMultiplier},
                  {1.1, false, kFp16Multiplier},
                  {0.4, false, kFp16Adder}}}},
    Publication{"Jouppi et al., ISCA 2021, table 2 (quoted at second hand)",
                7,
                0,
                {{{0.007, false, kAdder},
                  {0, false, ""},
                  {0.03, false, kAdder},
                  {0.07, false, kUnregistered},
                  {1.48, false, kUnregistered},
                  {0.34, false, kUnregistered},
                  {0.16, false, kUnregistered}}}},
};

struct Measured {
  Technology technology;
  FanoutOfFour fo4;
  SynthesisTools tools;
  std::vector<OperationFigures> operations;
};

Measured measure_library(const std::string& library, const ReproduceOptions& options) {
  Measured measured{read_technology(library, "--liberty"), {}, {}, {}};
  SynthesisOptions synthesis;
  const SynthesisFlow flow = open_flow(measured.technology.library, synthesis);
  measured.tools = flow.tools;
  Job job("operations in " + measured.technology.library.name, static_cast<double>(reference_operations().size()));
  for (const Operation& operation : reference_operations()) {
    const GateNetlist netlist = map_operation(operation, flow);
    measured.operations.push_back(
        measure_operation(operation, netlist, measured.technology.library, options.samples, options.seed));
    job.advance();
  }
  measured.fo4 = fanout_of_four(measured.technology.library);
  return measured;
}

reports::Table library_table(const Measured& measured) {
  const std::string source = counted_source(netlist_source(measured.technology.library), true);
  reports::Table table{
      "Operations in " + corner_text(measured.technology.library),
      {{"operation", "", "", 4},
       {"area", "GE", source, 4},
       {"delay", "FO4", source, 3},
       {"energy", "E_FO4", source, 4},
       {"area", "um2", source, 4},
       {"delay", "ns", source, 3},
       {"energy", "pJ", source, 4},
       {"+-", "pJ", "95 %, eight groups of 64 lanes", 2},
       {"at ports", "pJ", source, 3},
       {"glitches", "times", "inertial delays of the library, 2048 operations", 3},
       {"with glitches", "pJ", "derived", 4},
       {"cells", "", source, 5}},
      {},
      fmt::format("Uniformly random operands, {} operations, no wires; zero delay but for the columns of glitches.\n"
                  "At ports: part of the energy, the operands' nets and the result's load ({}).\n"
                  "FO4 {:.4g} ns, E_FO4 {:.4g} pJ.\n{}",
                  measured.operations[0].operations, measured.tools.conventions, measured.fo4.delay_ns,
                  measured.fo4.energy_pj, measured.technology.remark)};
  for (std::size_t i = 0; i < measured.operations.size(); ++i) {
    const OperationFigures& f = measured.operations[i];
    table.rows.push_back({std::string(reference_operations()[i].name), f.gate_equivalents,
                          f.delay_ns / measured.fo4.delay_ns, f.pj / measured.fo4.energy_pj, f.area_um2, f.delay_ns,
                          f.pj, f.half_width_pj, f.input_pj + f.load_pj, f.glitch_factor, f.pj * f.glitch_factor,
                          f.cells});
  }
  return table;
}

/// Returns how far the figures may differ to agree within the stated accuracy, a factor of three either way.
double tolerance(double published, double ours) { return ours > published ? 2 * published : published * 2 / 3; }

using Ratios = std::array<double, 2>;  ///< ours over published, without and with glitches

/// Inserts two columns before the note: the ratio that is judged, and the one that is not.
void insert_ratios(reports::Table& table, const std::vector<Ratios>& ratios) {
  const auto at = static_cast<std::ptrdiff_t>(table.columns.size()) - 1;
  table.columns.insert(table.columns.begin() + at,
                       {{"ratio", "zero delay", "ours / published, judged", 3},
                        {"ratio", "with glitches", "ours / published, for information", 3}});
  for (std::size_t i = 0; i < ratios.size(); ++i)
    table.rows[i].insert(table.rows[i].begin() + at, {ratios[i][0], ratios[i][1]});
}

double largest_with_glitches(const std::vector<Ratios>& ratios) {
  double largest = 0;
  for (const Ratios& one : ratios) largest = std::max(largest, one[1]);
  return largest;
}

void add_publication(Reproduced& result, const Publication& publication, const Measured& measured) {
  const double voltage = measured.technology.library.voltage_v;
  const double ratio = publication.voltage_v > 0 ? publication.voltage_v / voltage : 1;
  const std::string scaled = publication.voltage_v > 0 ? fmt::format("scaled from {:g} V to {:g} V, times {:.3f}",
                                                                     voltage, publication.voltage_v, ratio * ratio)
                                                       : fmt::format("at {:g} V; the paper states no voltage", voltage);
  std::vector<Figure> figures;
  std::vector<Ratios> ratios;
  for (std::size_t i = 0; i < publication.rows.size(); ++i) {
    const Publication::Row& row = publication.rows[i];
    if (row.pj == 0) continue;
    const OperationFigures& f = measured.operations[i];
    const double ours = f.pj * ratio * ratio;
    Figure figure{std::string(reference_operations()[i].name), "pJ", row.pj, ours, tolerance(row.pj, ours), ""};
    if (row.interpolated) figure.tolerance.reset();
    figure.note = fmt::format("{}{}; {:.0f} % of ours is at the ports",
                              row.interpolated ? "not published: between 8 and 32 bits; " : "", row.reason,
                              100 * (f.input_pj + f.load_pj) / f.pj);
    figures.push_back(std::move(figure));
    ratios.push_back({ours / row.pj, ours * f.glitch_factor / row.pj});
  }
  add_figures(result, fmt::format("{} beside {}", measured.technology.library.name, publication.name), figures,
              fmt::format("Energy per operation, {} nm; ours {}. Judged: zero-delay energy, within a factor of "
                          "three either way. Not judged: the ratio with glitches (inertial delays), which goes "
                          "up to {:.1f}.\nAccuracy: {}.",
                          publication.nm, scaled, largest_with_glitches(ratios), kEnergyAccuracy));
  insert_ratios(result.record.tables.back(), ratios);
}

}  // namespace

Reproduced reproduce_operations(const ReproduceOptions& options) {
  Reproduced result;
  result.judges = "zero-delay energy within a factor of three; the ratios with glitches are not judged";
  const std::vector<std::string> libraries =
      options.libraries.empty() ? std::vector<std::string>{"osu018"} : options.libraries;
  for (const std::string& library : libraries) {
    const Measured measured = measure_library(library, options);
    result.record.provenance["abc_script"] = measured.tools.abc_script;
    result.record.provenance["yosys"] = measured.tools.yosys;
    result.record.provenance["clock_mhz"] = kDefaultClockMhz;
    result.record.provenance["library_hashes"][measured.technology.library.name] = measured.technology.library.hash;
    result.record.tables.push_back(library_table(measured));
    for (const Publication& publication : kPublications) {
      if (feature_size_nm(measured.technology.library) == publication.nm)
        add_publication(result, publication, measured);
    }
  }
  return result;
}

}  // namespace subbyte::sim
