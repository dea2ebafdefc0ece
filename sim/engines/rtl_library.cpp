#include "sim/engines/rtl_library.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "sim/base/hash.hpp"
#include "sim/base/input_error.hpp"
#include "sim/base/output_file.hpp"
#include "sim/base/paths.hpp"
#include "sim/base/process.hpp"
#include "sim/base/progress.hpp"
#include "sim/synthesis/rtl_sources.hpp"

namespace subbyte::sim {
namespace {

namespace fs = std::filesystem;

constexpr const char* kHarness[] = {"verilate.sh",   "bench_main.cpp",  "stream_bench.hpp",
                                    "bench_abi.hpp", "bench_print.hpp", "stream_sva.sv"};

/// What a tool says of its version. Throws InputError where it cannot be run.
std::string version_of(const std::string& tool) {
  const ProgramOutcome outcome = run_program({tool, "--version"});
  if (outcome.status == 0) return outcome.output;
  throw InputError("", tool, "cannot be run, expected the program that `./bootstrap.sh packages` installs");
}

/// Versions of the tools, asked once per process.
const std::string& tool_versions() {
  static const std::string versions = version_of("verilator") + version_of("g++");
  return versions;
}

/// Returns what is verilated: each module of the RTL, and beside it the assertions that testbenches/ has for it.
struct Sources {
  RtlSources rtl;
  std::vector<fs::path> assertions;
};

Sources sources_of(const VerilatedUnit& unit) {
  Sources sources{rtl_sources(unit.rtl, unit.top.unit.name), {}};
  if (unit.top.mutants || unit.top.netlist) return sources;  // a netlist has none of the names inside
  const fs::path benches = source_folder() / "testbenches";
  for (const fs::path& file : sources.rtl.files) {
    for (const fs::path& folder : {benches, benches / "parts"}) {
      const fs::path assertions = folder / (file.stem().string() + "_sva.sv");
      if (fs::exists(assertions)) sources.assertions.push_back(assertions);
    }
  }
  return sources;
}

std::string key_of(const VerilatedUnit& unit, const Sources& sources, const std::string& top) {
  ContentHash hash;
  hash.add(tool_versions() + SUBBYTE_BENCH_FLAGS + (unit.waves ? " waves" : "") + (unit.coverage ? " coverage" : ""));
  const auto add = [&](const fs::path& file) { hash.add("\n" + file.filename().string() + "\n" + read_text(file)); };
  for (const fs::path& file : sources.rtl.files) add(file);
  hash.add(sources.rtl.hash);  // with what the files include
  for (const fs::path& file : sources.assertions) add(file);
  for (const char* name : kHarness) add(source_folder() / "testbenches/harness" / name);
  hash.add(top);
  return unit.top.unit.name + "-" + hash.text();
}

/// Holds the lock of one cache entry, against other processes and other threads alike.
class EntryLock {
 public:
  explicit EntryLock(const fs::path& path) : file_(open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644)) {
    if (file_ < 0 || flock(file_, LOCK_EX) != 0)
      throw InputError(path.string(), "", std::string("cannot be locked: ") + std::strerror(errno));
  }
  ~EntryLock() { close(file_); }
  EntryLock(const EntryLock&) = delete;
  EntryLock& operator=(const EntryLock&) = delete;

 private:
  int file_;
};

constexpr std::size_t kShownErrors = 12;

/// The lines of the build's output that say what is wrong, or its end where none does.
std::string errors_of(const std::string& output) {
  std::vector<std::string> errors, all;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) continue;
    all.push_back(line);
    const bool says = line.find("%Error") != std::string::npos || line.find("rror:") != std::string::npos ||
                      line.find("not found") != std::string::npos || line.find("No space") != std::string::npos;
    if (says && std::ranges::find(errors, line) == errors.end()) errors.push_back(line);
  }
  std::vector<std::string>& shown = errors.empty() ? all : errors;
  const std::size_t left_out = shown.size() - std::min(shown.size(), kShownErrors);
  if (errors.empty())
    shown.erase(shown.begin(), shown.begin() + static_cast<std::ptrdiff_t>(left_out));
  else
    shown.resize(shown.size() - left_out);
  return fmt::format("{}{}", fmt::join(shown, "\n  "),
                     left_out == 0 ? "" : fmt::format("\n  ({} more lines)", left_out));
}

/// The words that build `library` in the folder `work`.
std::vector<std::string> build_command(const VerilatedUnit& unit, const Sources& sources, const fs::path& top,
                                       const fs::path& work) {
  std::vector<std::string> command{(source_folder() / "testbenches/harness/verilate.sh").string(),
                                   "--unit",
                                   unit.top.unit.name,
                                   "--root",
                                   source_folder().string(),
                                   "--top",
                                   top.string(),
                                   "--work",
                                   work.string(),
                                   "--cflags",
                                   SUBBYTE_BENCH_FLAGS};
  for (const fs::path& folder : sources.rtl.include_dirs) command.insert(command.end(), {"--folder", folder.string()});
  for (const fs::path& file : sources.assertions) command.insert(command.end(), {"--assertions", file.string()});
  if (unit.top.mutants) command.emplace_back("--mutants");
  if (unit.waves) command.emplace_back("--waves");
  if (unit.coverage) command.emplace_back("--coverage");
  return command;
}

/// Beside a library: the hash of its bytes, which every process checks before it runs the code.
fs::path sum_of(const fs::path& library) { return library.string() + ".sum"; }

/// Whether the library is there as it was built.
bool is_whole(const fs::path& library) {
  std::error_code error;
  if (!fs::is_regular_file(library, error) || !fs::is_regular_file(sum_of(library), error)) return false;
  return read_text(sum_of(library)) == content_hash(read_text(library));
}

/// What is built, by what its time depends on.
std::string what_of(const VerilatedUnit& unit) {
  return fmt::format("{} of {} {}{}{}", unit.top.netlist ? "netlist" : "RTL", unit.top.unit.name,
                     kernels::parameters_text(unit.top.parameters), unit.waves ? " with waveforms" : "",
                     unit.coverage ? " with counters" : "");
}

void build(const VerilatedUnit& unit, const Sources& sources, const std::string& top, const fs::path& library) {
  const Step step("Verilator: building the " + what_of(unit), what_of(unit));
  const ScratchFolder work(tool_folder());
  const fs::path top_file = work.path() / "top.sv";
  write_atomically(top_file, top);
  const ProgramOutcome outcome = run_program(build_command(unit, sources, top_file, work.path()));
  const fs::path built = work.path() / "obj" / "library.so";
  if (outcome.status != 0 || !fs::exists(built))
    throw InputError(unit.rtl.string(), unit.top.unit.name,
                     fmt::format("building its {} failed: {}{}", unit.top.netlist ? "netlist" : "RTL",
                                 errors_of(outcome.output + outcome.error), full_disk_remark(work.path())));
  const std::string bytes = read_text(built);
  write_atomically(sum_of(library), content_hash(bytes));
  write_atomically(library, bytes);
}

/// Libraries that this process has found whole, or built.
class KnownLibraries {
 public:
  bool has(const fs::path& library) {
    const std::scoped_lock lock(mutex_);
    return known_.contains(library);
  }
  void add(const fs::path& library) {
    const std::scoped_lock lock(mutex_);
    known_.insert(library);
  }

 private:
  std::mutex mutex_;
  std::set<fs::path> known_;
};

}  // namespace

fs::path rtl_library(const VerilatedUnit& unit) {
  const fs::path folder = cache_folder("rtl");
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw InputError(folder.string(), "", "the cache's folder cannot be made: " + error.message());
  const Sources sources = sources_of(unit);
  const std::string top = testbenches::bench_top(unit.top);
  const std::string key = key_of(unit, sources, top);
  const fs::path library = folder / (key + ".so");
  static KnownLibraries known;
  if (known.has(library)) return library;
  if (!is_whole(library)) {
    const EntryLock lock(folder / (key + ".lock"));
    if (!is_whole(library)) {
      if (fs::exists(library)) say(library.string() + " is damaged and is built again");
      build(unit, sources, top, library);
    }
  }
  known.add(library);
  return library;
}

}  // namespace subbyte::sim
