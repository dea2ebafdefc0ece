// The table of commands: one line per command.
#include <array>

#include "sim/commands/command.hpp"

namespace subbyte::sim {
namespace {

constexpr std::array kCommands{
    Command{"quantize", "quantize every linear layer of a model into a packed file", run_quantize},
    Command{"unpack", "write decoded weights, codes or scales of a packed file as NumPy arrays", run_unpack},
    Command{"import", "weights packed by other tools (GGUF, NVFP4 and MX safetensors) into a packed file, bit for bit",
            run_import},
    Command{"export", "packed weights to a GGUF file, bit for bit; a unit for another flow", run_export},
    Command{"evaluate", "loss of a language model with its linear layers in number formats", run_evaluate},
    Command{"simulate", "one layer on a design through engines that must agree: values, cycles, time", run_simulate},
    Command{"verify", "compare golden function, SystemC model and RTL of units on random stimuli", run_verify},
    Command{"formats", "list the number formats", run_formats},
    Command{"survey", "every number format side by side: bits, distortion, and the loss of a model",
            run_survey_command},
    Command{"units", "list the hardware units and their parameters", run_units},
    Command{"synth", "area and critical path of a unit in a cell library", run_synth},
    Command{"energy", "joules of a unit by the transitions of its netlist under real beats", run_energy},
    Command{"sweep", "formats x variants of a design: accuracy, bytes, cycles, area, Pareto front", run_sweep_command},
    Command{"reproduce", "published figures beside ours", run_reproduce},
    Command{"report", "result records to an HTML page or the terminal", run_report},
};

}  // namespace

std::span<const Command> commands() { return kCommands; }

}  // namespace subbyte::sim
