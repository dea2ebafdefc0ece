#include "sim/commands/command.hpp"

#include <array>
#include <iostream>
#include <nlohmann/json.hpp>

namespace subbyte::sim {
namespace {

/// One line per command.
constexpr std::array kCommands{
    Command{"quantize", "Quantize every linear layer of a model into a packed file.", run_quantize},
    Command{"unpack", "Write decoded weights, codes or scales of a packed file as NumPy arrays.", run_unpack},
    Command{"import", "Copy weights that another tool packed into a packed file, bit for bit.", run_import},
    Command{"export", "Write packed weights as a GGUF file, or hand a hardware unit to another flow.", run_export},
    Command{"evaluate", "Measure the loss of a language model whose weights are in number formats.", run_evaluate},
    Command{"simulate", "Run a layer or a model's shape on a design: values, cycles, time; engines must agree.",
            run_simulate},
    Command{"verify", "Compare golden function, SystemC model and RTL of units on random stimuli.", run_verify},
    Command{"formats", "List the number formats, or document one.", run_formats},
    Command{"survey", "Compare number formats side by side: bits, distortion, loss of a model.", run_survey_command},
    Command{"units", "List the hardware units and their parameters.", run_units},
    Command{"keys", "List every key of designs, sweeps, policies, formats and technologies.", run_keys},
    Command{"synth", "Measure area and critical path of a unit in a cell library.", run_synth},
    Command{"energy", "Measure the joules of a unit by the transitions of its netlist.", run_energy},
    Command{"sweep", "Run many formats on many designs and find the Pareto front.", run_sweep_command},
    Command{"reproduce", "Put published figures beside ours.", run_reproduce},
    Command{"report", "Show result records as an HTML page or in the terminal.", run_report},
};

bool printed = false;

}  // namespace

std::span<const Command> commands() { return kCommands; }

void print_json(const nlohmann::ordered_json& object) {
  printed = true;
  std::cout << object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << "\n";
}

bool json_printed() { return printed; }

}  // namespace subbyte::sim
