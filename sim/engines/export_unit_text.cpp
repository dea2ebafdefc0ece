// Writes what stands beside an exported unit's sources: constraints, the commands, and what is what.
#include <fmt/format.h>

#include "sim/engines/export_unit.hpp"
#include "sim/engines/verify.hpp"
#include "sim/synthesis/flow.hpp"

namespace subbyte::sim {
namespace {

// These are exactly the commands that the Makefile runs and the README shows.
constexpr const char* kRtlBuild =
    "verilator --binary --timing -Wno-lint -Wno-style -Wno-fatal --timescale 1ps/1ps --x-initial unique --top-module "
    "tb_@UNIT@ --Mdir obj_rtl -f @UNIT@.f tb_@UNIT@.v";
// GNU make, which Verilator runs in obj_rtl, works in no folder whose path has a blank.
constexpr const char* kPlainFolder =
    "@case \"$$PWD\" in *[[:space:]]*) [ -d obj_rtl/. ] || { rm -f obj_rtl; ln -s \"$$(mktemp -d)\" obj_rtl; } ;; esac";
constexpr const char* kRtlRun = "obj_rtl/Vtb_@UNIT@ +verilator+rand+reset+2";
constexpr const char* kIcarusBuild = "iverilog -g2012 -s tb_@UNIT@ -o tb_@UNIT@_rtl.vvp -c @UNIT@.f tb_@UNIT@.v";
constexpr const char* kIcarusRun = "vvp -n tb_@UNIT@_rtl.vvp";
constexpr const char* kNetlistBuild =
    "iverilog -g2001 -DNETLIST -DRANDOM_STATE -s tb_@UNIT@ -o tb_@UNIT@.vvp tb_@UNIT@.v netlist/@UNIT@_netlist.v "
    "netlist/cells.v";
constexpr const char* kNetlistRun = "vvp -n tb_@UNIT@.vvp";

constexpr const char* kReadme = R"(# @UNIT@

@SUMMARY@ At @POINT@. Written by `subbyte export`; nothing here needs Subbyte.

| file | is |
|---|---|
| `rtl/`, `@UNIT@.f` | SystemVerilog of the unit and all it is made of, and its file list in reading order; )"
                                R"(the manual is at the top of `rtl/@UNIT@.sv` |
| `@UNIT@.sdc` | the clock (@MHZ@ MHz) and the ports' conventions, in units of the library @LIBRARY@ |
| `tb_@UNIT@.v` | a self-checking bench in Verilog-2001 |
| `vectors/` | what it plays and expects, for `$readmemh`, one beat per line, field 0 lowest |
@NETLIST_ROW@
`vectors/`: `input.hex` (@INPUTS@ beats of @IN_BITS@ bits), `expected.hex` (@OUTPUTS@ beats of @OUT_BITS@ bits),
`expected_cycles.hex` (the cycle of each, 0 = the first rising edge out of reset), `stalls.hex` (per cycle: bit 0 no new
input, bit 1 output not ready)@CONFIG@. Format @FORMAT@, seed @SEED@, stalls @STALLS@ %.

Input fields from bit 0: @IN_FIELDS@.
Output fields from bit 0: @OUT_FIELDS@.

## RTL (Verilator 5)

    @RTL_BUILD@
    @RTL_RUN@

or `make rtl`: flip-flops start at random. Where the path of this folder has a blank, Verilator needs
an `obj_rtl` that is a link to a folder whose path has none; `make rtl` makes it.

## RTL (Icarus Verilog 11)

    @ICARUS_BUILD@
    @ICARUS_RUN@

or `make icarus`: four states, and every flip-flop starts at X. Icarus 11 may say "sorry: constant selects in always_*
processes"; it means that it evaluates such a process more often than it must, and nothing is wrong.

Simulators tried: Verilator 5.006 and Icarus Verilog 11.0, as Debian 12 has them; the tests of Subbyte run both.
Any other one: compile the files of `@UNIT@.f` as SystemVerilog and
`tb_@UNIT@.v`, run `tb_@UNIT@` in this folder.
@NETLIST_TEXT@
The bench prints PASS with counts, or FAIL with the first wrong beat (its cycle, the first wrong field, got, expected)
and ends with `$fatal`, a nonzero exit status. `+any_cycle` checks the beats and not their cycles, for a
unit that was pipelined anew.
)";

constexpr const char* kNetlistText = R"(
## Netlist (Icarus Verilog)

    @NETLIST_BUILD@
    @NETLIST_RUN@

or `make netlist`. The bench is the same; NETLIST leaves the parameters out, RANDOM_STATE starts the
flip-flops at random (unknowns would not cancel in gates). `cells.v` has no delays: for timed simulation take the
vendor's models, with a clock (`TENTH` of the bench) that the netlist meets.
)";

std::string fields_text(const kernels::BeatShape& shape) {
  std::string text;
  for (const kernels::Field& field : shape.fields()) {
    const std::string count = field.count > 1 ? fmt::format("[{}]", field.count) : "";
    text += fmt::format("{}{}{} x{}", text.empty() ? "" : ", ", field.name, count, field.bits);
  }
  return text;
}

std::string command(const char* text, const UnitExportRequest& request) {
  return filled_script(text, {{"UNIT", request.unit.name}});
}

}  // namespace

std::string unit_constraints(const UnitExportRequest& request) {
  const CellLibrary& library = request.technology.library;
  const bool config = request.unit.has_config;
  const std::string data_in =
      fmt::format("rst_ni in_valid_i in_data_i* out_ready_i{}", config ? " cfg_valid_i cfg_addr_i* cfg_data_i*" : "");
  const std::string outputs = "in_ready_o out_valid_o out_data_o*";
  const double period = 1e3 / request.clock_mhz / library.time_unit_ns;
  const double load = output_load_ff(library) / library.capacitance_unit_ff;
  std::string text = fmt::format(
      "# {} at {} for {:g} MHz, in the units of {} ({:g} ns, {:g} fF).\n"
      "# Ideal clock, no wires; inputs move and outputs are due at the edge: leave both what "
      "surrounds the unit needs.\n",
      request.unit.name, kernels::parameters_text(request.parameters), request.clock_mhz, library.name,
      library.time_unit_ns, library.capacitance_unit_ff);
  text += fmt::format("create_clock -name clk -period {:.6g} [get_ports clk_i]\n", period);
  text += fmt::format("set_input_delay 0 -clock clk [get_ports {{{}}}]\n", data_in);
  text += fmt::format("set_driving_cell -lib_cell {} [get_ports {{{}}}]\n", smallest_buffer(library).name, data_in);
  text += fmt::format("set_output_delay 0 -clock clk [get_ports {{{}}}]\n", outputs);
  return text + fmt::format("set_load {:.6g} [get_ports {{{}}}]\n", load, outputs);
}

std::string unit_makefile(const UnitExportRequest& request) {
  std::string text = fmt::format(
      "# make rtl: the bench on the RTL, in Verilator. make icarus: in Icarus, from X.{0}\nall: rtl{1}\n\n"
      "rtl:\n\t{2}\n\t",
      request.netlist ? " make netlist: on the netlist, in Icarus." : "", request.netlist ? " netlist" : "",
      kPlainFolder);
  text += command(kRtlBuild, request) + "\n\t" + command(kRtlRun, request) + "\n\n";
  text += "icarus:\n\t" + command(kIcarusBuild, request) + "\n\t" + command(kIcarusRun, request) + "\n\n";
  if (request.netlist)
    text += "netlist:\n\t" + command(kNetlistBuild, request) + "\n\t" + command(kNetlistRun, request) + "\n\n";
  return text + fmt::format(
                    "clean:\n\trm -rf \"$$(readlink -f obj_rtl)\" obj_rtl tb_{0}_rtl.vvp tb_{0}.vvp\n\n"
                    ".PHONY: all rtl icarus{1} clean\n",
                    request.unit.name, request.netlist ? " netlist" : "");
}

std::string unit_readme(const UnitExportRequest& request, const UnitVectors& vectors) {
  const kernels::UnitInfo& unit = request.unit;
  const kernels::BeatShape in = unit.input_shape(request.parameters), out = unit.output_shape(request.parameters);
  const std::size_t writes = vectors.stimulus.config.size();
  const std::string netlist_row =
      fmt::format("| `netlist/` | the unit mapped to {} for that clock, and models of its cells |\n",
                  request.technology.library.name);
  const std::map<std::string, std::string> values{
      {"SUMMARY", unit.summary + (unit.summary.ends_with('.') ? "" : ".")},
      {"POINT", kernels::parameters_text(request.parameters)},
      {"MHZ", fmt::format("{:g}", request.clock_mhz)},
      {"LIBRARY", request.technology.library.name},
      {"NETLIST_ROW", request.netlist ? netlist_row : ""},
      {"INPUTS", std::to_string(vectors.stimulus.input.count)},
      {"OUTPUTS", std::to_string(vectors.expected.size())},
      {"IN_BITS", std::to_string(in.bits())},
      {"OUT_BITS", std::to_string(out.bits())},
      {"CONFIG", writes > 0 ? fmt::format(", `config.hex` ({} writes: address x8, data x32)", writes) : ""},
      {"FORMAT", request.format.id()},
      {"SEED", std::to_string(request.seed)},
      {"STALLS", std::to_string(request.stall_percent)},
      {"IN_FIELDS", fields_text(in)},
      {"OUT_FIELDS", fields_text(out)},
      {"RTL_BUILD", command(kRtlBuild, request)},
      {"RTL_RUN", command(kRtlRun, request)},
      {"ICARUS_BUILD", command(kIcarusBuild, request)},
      {"ICARUS_RUN", command(kIcarusRun, request)},
      {"NETLIST_BUILD", command(kNetlistBuild, request)},
      {"NETLIST_RUN", command(kNetlistRun, request)}};
  auto all = values;
  all["NETLIST_TEXT"] = request.netlist ? filled_script(kNetlistText, values) : "";
  all["UNIT"] = unit.name;
  return filled_script(kReadme, all);
}

}  // namespace subbyte::sim
