// The only place that prints errors and decides the exit status.
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iostream>
#include <new>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "quant/base/suggestion.hpp"
#include "sim/base/file_roles.hpp"
#include "sim/base/input_error.hpp"
#include "sim/base/made_by.hpp"
#include "sim/base/mapped_files.hpp"
#include "sim/base/named_pipe.hpp"
#include "sim/base/paths.hpp"
#include "sim/base/progress.hpp"
#include "sim/commands/command.hpp"
#include "sim/commands/revision.hpp"
#include "sim/config/config.hpp"

namespace {

using subbyte::sim::Command;
using subbyte::sim::InputError;

void print_usage(std::ostream& out) {
  out << "Usage: subbyte COMMAND [OPTIONS]\n\n"
         "Subbyte packs the weights of language models in number formats below eight bits, and simulates\n"
         "and verifies the hardware that multiplies them.\n\nCommands:\n";
  for (const Command& command : subbyte::sim::commands()) {
    out << "  " << command.name << std::string(command.name.size() < 10 ? 10 - command.name.size() : 1, ' ')
        << command.summary << "\n";
  }
  out << "\n`subbyte COMMAND --help` explains a command. With --json any command prints one JSON object; one\n"
         "that fails prints {\"error\":{\"status\",\"text\",\"problems\":[{\"file\",\"place\",\"text\"}]}}.\n"
         "`subbyte --version` prints the version and the git revision.\n"
         "The exit status is 0 when the command is done, 1 when a comparison failed, 2 when the input is\n"
         "wrong, and 3 after an internal failure.\n";
}

/// Throws InputError for a command that does not exist.
const Command& command_named(const std::string& name) {
  std::vector<std::string> names;
  for (const Command& command : subbyte::sim::commands()) {
    if (command.name == name) return command;
    names.emplace_back(command.name);
  }
  const bool option = name.starts_with('-');
  if (option) names = {"--help", "--version"};
  throw InputError("", "",
                   std::string("unknown ") + (option ? "option '" : "command '") + name + "'; " +
                       subbyte::quant::suggestion(name, names));
}

int dispatch(const std::vector<std::string>& words) {
  if (words.empty()) {
    print_usage(std::cerr);
    return subbyte::sim::kWrongInput;
  }
  const bool help = words[0] == "help" || words[0] == "--help" || words[0] == "-h";
  if (help && words.size() == 2 && !words[1].starts_with('-'))  // `subbyte help evaluate`
    return command_named(words[1]).run(std::vector<std::string>{"--help"});
  if ((help || words[0] == "--version") && words.size() > 1)
    throw InputError(
        "", words[help && !words[1].starts_with('-') ? 2 : 1],
        "stands after " + words[0] + ", expected " + (help ? "one command or nothing" : "nothing") + " there");
  if (help) {
    print_usage(std::cout);
    return subbyte::sim::kDone;
  }
  if (words[0] == "--version") {
    std::cout << "subbyte " << subbyte::sim::version() << " (" << subbyte::sim::revision() << ")\n";
    return subbyte::sim::kDone;
  }
  return command_named(words[0]).run(std::span(words).subspan(1));
}

/// Why a command did not end. `problems` has at least one row; where an error knows no file or place these are "".
struct Failure {
  int status;
  std::string text;
  std::vector<subbyte::sim::ConfigProblem> problems;
};

Failure failure(int status, const std::string& text) { return {status, text, {{"", "", text}}}; }

Failure file_failure(const std::filesystem::filesystem_error& error) {
  const std::string path = error.path1().string(), reason = error.code().message();
  if (path.empty()) return failure(subbyte::sim::kWrongInput, error.what() + (": " + reason));
  return {subbyte::sim::kWrongInput, path + ": " + reason, {{path, "", reason}}};
}

/// Of the exception that is being handled.
Failure current_failure() {
  using namespace subbyte::sim;
  try {
    throw;
  } catch (const InputError& error) {
    return {kWrongInput, error.what(), problems_of(error)};
  } catch (const std::invalid_argument& error) {  // ConfigError is one
    return {kWrongInput, error.what(), problems_of(error)};
  } catch (const std::filesystem::filesystem_error& error) {
    return file_failure(error);
  } catch (const std::bad_alloc&) {
    return failure(kInternalError, "out of memory");
  } catch (const std::exception& error) {
    return failure(kInternalError, std::string("internal failure: ") + error.what());
  } catch (...) {
    return failure(kInternalError, "internal failure: an unknown exception");
  }
}

/// Whether the user asked for JSON, which is known before any option is read.
bool wants_json(const std::vector<std::string>& words) {
  return std::any_of(words.begin(), std::find(words.begin(), words.end(), "--"),
                     [](const std::string& word) { return word == "--json" || word.starts_with("--json="); });
}

/// To the standard output that the user sees, even where an output of the command took it (and was refused for that).
void print_failure_json(const Failure& failed) {
  nlohmann::ordered_json problems = nlohmann::ordered_json::array();
  for (const auto& problem : failed.problems)
    problems.push_back({{"file", problem.file}, {"place", problem.place}, {"text", problem.text}});
  const nlohmann::ordered_json object{
      {"error", {{"status", failed.status}, {"text", failed.text}, {"problems", std::move(problems)}}}};
  const std::string line = object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  const int descriptor = subbyte::sim::output_descriptor(STDOUT_FILENO);
  for (std::size_t done = 0; done < line.size();) {
    const ssize_t wrote = ::write(descriptor, line.data() + done, line.size() - done);
    if (wrote <= 0) return;  // nobody reads it; the text stands on standard error
    done += static_cast<std::size_t>(wrote);
  }
}

int report(const Failure& failed, bool json) {
  std::cout.flush();
  std::fflush(stdout);
  std::cerr << "subbyte: " << failed.text << "\n";
  if (json && !subbyte::sim::json_printed()) print_failure_json(failed);
  return failed.status;
}

int run(const std::vector<std::string>& words, bool json) {
  try {
    const int status = dispatch(words);
    std::cout.flush();
    // A full disk behind stdout must not look like success.
    if (!std::cout || std::fflush(stdout) != 0)
      return report(failure(subbyte::sim::kInternalError, "cannot write to stdout"), json);
    return status;
  } catch (...) {
    return report(current_failure(), json);
  }
}

/// A descriptor among the first three that is missing would go to the next file that is opened, and the program's text
/// into it.
void open_missing_streams() {
  for (int file = STDIN_FILENO; file <= STDERR_FILENO; ++file)
    if (::fcntl(file, F_GETFD) < 0) ::open("/dev/null", file == STDIN_FILENO ? O_RDONLY : O_WRONLY);
}

/// Where the progress of long runs is written: over itself on a terminal that can do so.
subbyte::sim::ProgressDisplay::Settings display_settings() {
  subbyte::sim::ProgressDisplay::Settings settings{std::cerr};
  const char* const kind = std::getenv("TERM");
  settings.terminal = ::isatty(STDERR_FILENO) == 1 && kind != nullptr && std::string_view(kind) != "dumb";
  winsize size{};
  if (settings.terminal && ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    settings.columns = size.ws_col;
  return settings;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  const bool json = wants_json(words);
  open_missing_streams();
  subbyte::sim::explain_mapped_files(json);
  subbyte::sim::set_version(subbyte::sim::version(), subbyte::sim::revision());
  if (argc > 0) subbyte::sim::set_program(argv[0]);
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error of write(), which says its name
  const subbyte::sim::ProgressDisplay display(display_settings());
  subbyte::sim::waiting_line() = subbyte::sim::say;
  return run(words, json);
}
