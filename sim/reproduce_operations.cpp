// Arithmetic operations in gates beside the two tables of energy per operation that papers quote.
#include "sim/reproduce_operations.hpp"

#include <fmt/format.h>

#include <array>
#include <iostream>

#include "sim/energy_report.hpp"
#include "sim/reproduce.hpp"
#include "sim/synth_report.hpp"
#include "sim/technology.hpp"

namespace subbyte::sim {
namespace {

/// Energies of one table, in pJ, in the order of reference_operations().
struct Publication {
  std::string_view name;
  unsigned nm;
  double voltage_v;  ///< 0: not stated, so that nothing is scaled
  std::array<double, 7> pj;
  std::array<std::string_view, 7> notes;
};

constexpr std::string_view kAdder = "";

constexpr std::array kPublications{
    Publication{"Horowitz, ISSCC 2014, figure 1.1.9", 45, 0.9, {0.03, 0.05, 0.1, 0.2, 3.1, 1.1, 0.4}, {}},
    Publication{"Jouppi et al., ISCA 2021, table 2", 7, 0, {0.007, 0, 0.03, 0.07, 1.48, 0.34, 0.16}, {}},
};

struct Measured {
  Technology technology;
  FanoutOfFour fo4;
  SynthesisTools tools;
  std::vector<OperationFigures> operations;
};

Measured measure_library(const std::string& library, const ReproduceOptions& options) {
  Measured measured{read_technology(library), {}, {}, {}};
  const TableLibrary tables = read_cell_tables(measured.technology.library.path);
  SynthesisOptions synthesis;
  synthesis.progress = [](const std::string& text) { std::cerr << text << "\n"; };
  for (const Operation& operation : reference_operations()) {
    const GateNetlist netlist = map_operation(operation, measured.technology.library, synthesis, &measured.tools);
    measured.operations.push_back(
        measure_operation(operation, netlist, measured.technology.library, tables, options.samples, options.seed));
  }
  measured.fo4 = fanout_of_four(measured.technology.library, tables);
  return measured;
}

reports::Table library_table(const Measured& measured) {
  const std::string source = "netlist in " + corner_text(measured.technology.library) + ", transitions counted";
  reports::Table table{"Operations in " + corner_text(measured.technology.library),
                       {{"operation", "", "", 4},
                        {"area", "GE", source, 4},
                        {"delay", "FO4", source, 3},
                        {"energy", "E_FO4", source, 4},
                        {"area", "um2", source, 4},
                        {"delay", "ns", source, 3},
                        {"energy", "pJ", source, 4},
                        {"confidence", "pJ", "95 %, eight groups of 64 lanes", 2},
                        {"cells", "", source, 5}},
                       {},
                       {}};
  for (std::size_t i = 0; i < measured.operations.size(); ++i) {
    const OperationFigures& f = measured.operations[i];
    table.rows.push_back({std::string(reference_operations()[i].name), f.gate_equivalents, f.delay_ns / measured.fo4.delay_ns,
                          f.pj / measured.fo4.energy_pj, f.area_um2, f.delay_ns, f.pj, f.half_width_pj, f.cells});
  }
  return table;
}

}  // namespace

Reproduced reproduce_operations(const ReproduceOptions& options) {
  Reproduced result;
  const std::vector<std::string> libraries = options.libraries.empty() ? std::vector<std::string>{"osu018"} : options.libraries;
  for (const std::string& library : libraries) {
    const Measured measured = measure_library(library, options);
    result.record.tables.push_back(library_table(measured));
  }
  return result;
}

}  // namespace subbyte::sim
