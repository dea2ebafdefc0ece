// Uses Icarus Verilog as the other way of counting toggles: makes benches around a mapped netlist, and reads the waves
// that they leave.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <fstream>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

#include "sim/base/process.hpp"
#include "sim/netlist/gate_timed.hpp"

namespace subbyte::sim {

/// The values of the input ports but the clock, before every edge. The last bit of the last port comes first, as in a
/// concatenation.
using PortFrames = std::vector<std::string>;

/// Returns the input bits in the order of PortFrames, the last of them first.
inline std::vector<Net> input_nets(const GateNetlist& netlist) {
  std::vector<Net> nets;
  for (const GatePort& port : netlist.ports) {
    if (port.input && port.name != "clk_i") nets.insert(nets.end(), port.bits.begin(), port.bits.end());
  }
  return nets;
}

/// Reads the one-bit variables of a VCD file by path ("a/b/c", without the escapes of names), and every change in
/// order.
struct Waves {
  std::map<std::string, std::size_t> variables;
  struct Change {
    std::uint64_t time;
    std::size_t variable;
    char value;
  };
  std::vector<Change> changes;
};

inline Waves read_waves(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("no waves at " + path.string());
  Waves waves;
  std::vector<std::string> scopes;
  std::unordered_map<std::string, std::size_t> codes;
  std::uint64_t time = 0;
  const auto plain = [](std::string name) { return name[0] == '\\' ? name.substr(1) : name; };
  for (std::string word; file >> word;) {
    if (word == "$scope") {
      file >> word >> word;
      scopes.push_back((scopes.empty() ? "" : scopes.back() + "/") + plain(word));
    } else if (word == "$upscope") {
      scopes.pop_back();
    } else if (word == "$var") {
      std::string type, width, code, name;
      file >> type >> width >> code >> name;
      if (width == "1")
        waves.variables[scopes.back() + "/" + plain(name)] = codes.try_emplace(code, codes.size()).first->second;
    } else if (word[0] == '#') {
      time = std::stoull(word.substr(1));
    } else if (word[0] == 'b') {
      file >> word;
    } else if (word[0] == '0' || word[0] == '1' || word[0] == 'x' || word[0] == 'z') {
      const auto found = codes.find(word.substr(1));
      if (found != codes.end()) waves.changes.push_back({time, found->second, word[0]});
    }
  }
  return waves;
}

/// Compiles and runs `verilog`, whose bench writes waves.vcd in its folder and reads stimulus.txt there.
inline Waves run_icarus(const std::string& verilog, const PortFrames& frames) {
  const ScratchFolder scratch(std::filesystem::temp_directory_path());
  const std::string folder = scratch.path().string();
  std::ofstream(folder + "/bench.v") << verilog;
  std::ofstream stimulus(folder + "/stimulus.txt");
  for (const std::string& frame : frames) stimulus << frame << "\n";
  stimulus.close();
  for (const auto& words :
       {std::vector<std::string>{"iverilog", "-g2005", "-s", "bench", "-o", folder + "/bench", folder + "/bench.v"},
        {"vvp", "-n", folder + "/bench", "+folder=" + folder}}) {
    const ProgramOutcome outcome = run_program(words);
    if (outcome.status != 0) throw std::runtime_error(words[0] + ": " + outcome.output + outcome.error);
  }
  return read_waves(folder + "/waves.vcd");
}

/// Opens the files of run_icarus; `memory` takes the frames.
inline std::string open_files(const std::string& memory) {
  return fmt::format(
      "    if (!$value$plusargs(\"folder=%s\", folder)) $finish;\n    $readmemb({{folder, \"/stimulus.txt\"}}, {});\n"
      "    $dumpfile({{folder, \"/waves.vcd\"}});\n    $dumpvars(0, bench);\n",
      memory);
}

/// The period of zero_delay_bench: frame f stands until kPeriod * (f + 1).
inline constexpr std::uint64_t kPeriod = 10;

/// Makes the module `netlist.top` as bench.dut, without delays, under several runs of `frames` frames each. At the end
/// of a frame is a clock edge, but after the last frame of a run `restart` changes, at which registers are to become
/// low.
inline std::string zero_delay_bench(const GateNetlist& netlist, std::size_t runs, std::size_t frames) {
  const std::size_t width = input_nets(netlist).size();
  std::string pins, wires;
  std::size_t at = 0;
  for (const GatePort& port : netlist.ports) {
    pins += fmt::format("{}.{}({})", pins.empty() ? "" : ", ", port.name,
                        port.name == "clk_i" ? "clk"
                        : port.input         ? fmt::format("in[{}:{}]", at + port.bits.size() - 1, at)
                                             : port.name);
    if (!port.input) wires += fmt::format("  wire [{}:0] {};\n", port.bits.size() - 1, port.name);
    if (port.input && port.name != "clk_i") at += port.bits.size();
  }
  return fmt::format(
      "module bench;\n  reg [1023:0] folder;\n  reg clk, restart;\n  integer f;\n  reg [{0}:0] frames [0:{1}];\n"
      "  wire [{0}:0] in = frames[f];\n{2}  {3} dut ({4});\n  initial begin\n{5}    clk = 0; restart = 0; f = 0;\n"
      "    #{6} repeat ({1}) begin if ((f + 1) % {7} != 0) clk = 1; else restart = ~restart;\n"
      "      #1 f = f + 1; #4 clk = 0; #5; end\n    $finish;\n  end\nendmodule\n",
      width - 1, runs * frames - 1, wires, netlist.top, pins, open_files("frames"), kPeriod, frames);
}

/// Makes the netlist as `assign #(rise, fall)` of its truth tables, because a table has no delays of its own between
/// its operators. Edge k is at period * (k + 1), and input ports change with it.
class TimedVerilog {
 public:
  TimedVerilog(const GateNetlist& netlist, const GateDelays& delays, std::size_t frames, std::uint64_t period)
      : netlist_(netlist), delays_(delays) {
    const std::vector<Net> inputs = input_nets(netlist);
    text_ = fmt::format(
        "`timescale 1fs/1fs\nmodule bench;\n  reg [1023:0] folder;\n  reg clk;\n  integer f;\n"
        "  reg [{0}:0] frames [0:{1}];\n  wire [{0}:0] in = frames[f];\n  wire n0 = 1'b0, n1 = 1'b1;\n",
        inputs.size() - 1, frames - 1);
    std::vector<bool> driven(netlist.nets, false);
    driven[0] = driven[1] = true;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      text_ += fmt::format("  wire n{} = in[{}];\n", inputs[i], i);
      driven[inputs[i]] = true;
    }
    for (std::uint32_t i = 0; i < netlist.instances.size(); ++i) instance(i, driven);
    for (Net net = 0; net < netlist.nets; ++net) {
      if (!driven[net]) text_ += fmt::format("  wire n{} = 1'b0;\n", net);
    }
    text_ += fmt::format(
        "  initial begin\n{}    clk = 0; f = 0;\n    #(64'd{}) repeat ({}) begin clk = 1; f <= f + 1; #1 clk = 0; "
        "#(64'd{}); end\n    $finish;\n  end\nendmodule\n",
        open_files("frames"), period, frames - 1, period - 1);
  }
  const std::string& text() const { return text_; }

 private:
  static std::string table(const std::string& function, const std::vector<std::string>& names) {
    const std::uint64_t bits = truth_table(function, names);
    return fmt::format("{}'h{:x}", 1U << names.size(),
                       names.size() == 6 ? bits : bits & ((std::uint64_t{1} << (1U << names.size())) - 1));
  }
  void indexed(const std::string& name, const std::string& function, const std::vector<std::string>& names) {
    text_ += fmt::format("  localparam [{}:0] {} = {};\n", (1U << names.size()) - 1, name, table(function, names));
  }

  void instance(std::uint32_t i, std::vector<bool>& driven) {
    const GateInstance& gate = netlist_.instances[i];
    const LibertyCell& cell = *netlist_.cells[gate.cell];
    std::vector<std::string> names;
    std::string index;
    for (std::size_t p = 0; p < cell.pins.size(); ++p) {
      if (!cell.pins[p].input) continue;
      names.push_back(cell.pins[p].name);
      index = fmt::format("n{}{}{}", gate.pins[p] == kNoNet ? kNetLow : gate.pins[p], index.empty() ? "" : ", ", index);
    }
    if (cell.flip_flop) {
      names.push_back(cell.state[0]);
      indexed(fmt::format("next{}", i), cell.next_state, names);
      text_ += fmt::format(
          "  reg s{0};\n  initial s{0} = 0;\n  always @(posedge clk) s{0} <= next{0}[{{s{0}, {1}}}];\n", i, index);
    }
    for (std::size_t p = 0; p < cell.pins.size(); ++p) {
      if (!cell.pins[p].output || gate.pins[p] == kNoNet) continue;
      driven[gate.pins[p]] = true;
      output(i, p, cell, names, index);
    }
  }

  void output(std::uint32_t i, std::size_t p, const LibertyCell& cell, const std::vector<std::string>& names,
              const std::string& index) {
    const Net net = netlist_.instances[i].pins[p];
    const std::string head = fmt::format("  wire n{0};\n  assign #(64'd{1}, 64'd{2}) n{0} = ", net,
                                         delays_.nets[net][0], delays_.nets[net][1]);
    if (cell.flip_flop) {
      const bool inverted =
          (truth_table(cell.pins[p].function, cell.state) >> 1 & 1) == 0;  // state high, complement low
      text_ += head + fmt::format("{}s{};\n", inverted ? "~" : "", i);
    } else if (names.empty()) {
      text_ += head + fmt::format("1'b{};\n", truth_table(cell.pins[p].function, names) & 1);
    } else {
      indexed(fmt::format("t{}_{}", i, p), cell.pins[p].function, names);
      text_ += head + fmt::format("t{}_{}[{{{}}}];\n", i, p, index);
    }
  }

  const GateNetlist& netlist_;
  const GateDelays& delays_;
  std::string text_;
};

}  // namespace subbyte::sim
