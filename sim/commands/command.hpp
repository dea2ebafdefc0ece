// The command line: one Command per verb, one file command_X.cpp per command, one line per command in
// commands.cpp.
#pragma once

#include <boost/program_options.hpp>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace subbyte::sim {

/// Exit statuses. Commands return kDone or kDiffers; wrong input is thrown (InputError,
/// std::invalid_argument, quant::FormatError, boost::program_options::error) and anything else that is thrown
/// is an internal failure.
inline constexpr int kDone = 0;
inline constexpr int kDiffers = 1;
inline constexpr int kWrongInput = 2;
inline constexpr int kInternalError = 3;

/// The arguments after the command's name.
using Arguments = std::span<const std::string>;

struct Command {
  std::string_view name;
  std::string_view summary;  ///< one line for `subbyte --help`
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
int run_evaluate(Arguments args);
int run_simulate(Arguments args);
int run_verify(Arguments args);
int run_sweep_command(Arguments args);
int run_report(Arguments args);
int run_synth(Arguments args);
int run_energy(Arguments args);
int run_reproduce(Arguments args);

/// What a command accepts. `usage` is the synopsis after "subbyte"; `notes` (examples, the JSON object)
/// follow the options.
struct CommandLine {
  std::string usage;
  std::string notes;
  boost::program_options::options_description options{"Options"};
  boost::program_options::positional_options_description positional{};
};

/// Parses and stores; adds --help and --json. Returns nothing when --help was given (the help is then on
/// stdout and the command returns kDone). Abbreviated option names are not accepted. Throws
/// boost::program_options::error, InputError for a negative count.
std::optional<boost::program_options::variables_map> parse_options(Arguments args, CommandLine line);

/// --rtl-dir, empty when not given. Throws InputError when it is not a directory.
std::string rtl_directory(const boost::program_options::variables_map& options);

/// Prints the one JSON object of a command and a newline on stdout. Non-finite numbers are null.
void print_json(const nlohmann::ordered_json& object);

}  // namespace subbyte::sim
