// The command line: one Command per verb, one file X.cpp per command, one line per command in command.cpp.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "sim/commands/options.hpp"

namespace subbyte::sim {

/// Exit statuses. Commands return kDone or kDiffers; wrong input is thrown (InputError, std::invalid_argument,
/// quant::FormatError) and anything else that is thrown is an internal failure.
inline constexpr int kDone = 0;
inline constexpr int kDiffers = 1;
inline constexpr int kWrongInput = 2;
inline constexpr int kInternalError = 3;

struct Command {
  std::string_view name;
  std::string_view summary;  ///< one sentence for `subbyte --help`
  int (*run)(Arguments args);
};

/// Every command, in the order `subbyte --help` lists them.
std::span<const Command> commands();

int run_quantize(Arguments args);
int run_unpack(Arguments args);
int run_import(Arguments args);
int run_export(Arguments args);
int run_formats(Arguments args);
int run_survey_command(Arguments args);
int run_units(Arguments args);
int run_keys(Arguments args);
int run_evaluate(Arguments args);
int run_simulate(Arguments args);
int run_verify(Arguments args);
int run_sweep_command(Arguments args);
int run_report(Arguments args);
int run_synth(Arguments args);
int run_energy(Arguments args);
int run_reproduce(Arguments args);

/// Prints the one JSON object of a command and a newline on stdout. Non-finite numbers are null.
void print_json(const nlohmann::ordered_json& object);
/// Whether it was printed: an error that comes after it has no object of its own.
bool json_printed();

}  // namespace subbyte::sim
