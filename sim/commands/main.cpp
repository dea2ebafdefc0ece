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
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "quant/base/suggestion.hpp"
#include "sim/base/input_error.hpp"
#include "sim/base/made_by.hpp"
#include "sim/base/mapped_files.hpp"
#include "sim/base/paths.hpp"
#include "sim/base/progress.hpp"
#include "sim/commands/command.hpp"
#include "sim/commands/revision.hpp"

namespace {

using subbyte::sim::Command;

void print_usage(std::ostream& out) {
  out << "Usage: subbyte COMMAND [OPTIONS]\n\n"
         "Subbyte packs the weights of language models in number formats below eight bits, and simulates\n"
         "and verifies the hardware that multiplies them.\n\nCommands:\n";
  for (const Command& command : subbyte::sim::commands()) {
    out << "  " << command.name << std::string(command.name.size() < 10 ? 10 - command.name.size() : 1, ' ')
        << command.summary << "\n";
  }
  out << "\n`subbyte COMMAND --help` explains a command. With --json any command prints one JSON object.\n"
         "`subbyte --version` prints the version and the git revision.\n"
         "The exit status is 0 when the command is done, 1 when a comparison failed, 2 when the input is\n"
         "wrong, and 3 after an internal failure.\n";
}

int dispatch(const std::vector<std::string>& words) {
  if (words.empty()) {
    print_usage(std::cerr);
    return subbyte::sim::kWrongInput;
  }
  const bool alone = words[0].starts_with('-') || words[0] == "help";
  if (alone && words.size() > 1)
    throw subbyte::sim::InputError("", words[1], "stands after " + words[0] + ", expected nothing there");
  if (words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    print_usage(std::cout);
    return subbyte::sim::kDone;
  }
  if (words[0] == "--version") {
    std::cout << "subbyte " << subbyte::sim::version() << " (" << subbyte::sim::revision() << ")\n";
    return subbyte::sim::kDone;
  }
  std::vector<std::string> names;
  for (const Command& command : subbyte::sim::commands()) {
    if (command.name == words[0]) return command.run(std::span(words).subspan(1));
    names.emplace_back(command.name);
  }
  throw subbyte::sim::InputError("", "",
                                 "unknown command '" + words[0] + "'; " + subbyte::quant::suggestion(words[0], names));
}

int failed(int status, const std::string& text) {
  std::cout.flush();
  std::cerr << "subbyte: " << text << "\n";
  return status;
}

int run(const std::vector<std::string>& words) {
  try {
    const int status = dispatch(words);
    std::cout.flush();
    // A full disk behind stdout must not look like success.
    if (!std::cout || std::fflush(stdout) != 0) return failed(subbyte::sim::kInternalError, "cannot write to stdout");
    return status;
  } catch (const subbyte::sim::InputError& error) {
    return failed(subbyte::sim::kWrongInput, error.what());
  } catch (const std::invalid_argument& error) {
    return failed(subbyte::sim::kWrongInput, error.what());
  } catch (const std::filesystem::filesystem_error& error) {
    const std::string path = error.path1().string();
    return failed(subbyte::sim::kWrongInput, (path.empty() ? error.what() : path) + ": " + error.code().message());
  } catch (const std::bad_alloc&) {
    return failed(subbyte::sim::kInternalError, "out of memory");
  } catch (const std::exception& error) {
    return failed(subbyte::sim::kInternalError, std::string("internal failure: ") + error.what());
  } catch (...) {
    return failed(subbyte::sim::kInternalError, "internal failure: an unknown exception");
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
  open_missing_streams();
  subbyte::sim::explain_mapped_files();
  subbyte::sim::set_version(subbyte::sim::version(), subbyte::sim::revision());
  if (argc > 0) subbyte::sim::set_program(argv[0]);
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error of write(), which says its name
  const subbyte::sim::ProgressDisplay display(display_settings());
  return run(std::vector<std::string>(argv + std::min(argc, 1), argv + argc));
}
