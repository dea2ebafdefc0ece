#include "sim/engines/rtl_library.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "sim/base/hash.hpp"
#include "sim/base/output_file.hpp"
#include "sim/base/paths.hpp"
#include "sim/base/process.hpp"
#include "sim/synthesis/rtl_sources.hpp"

namespace subbyte::sim {
namespace {

namespace fs = std::filesystem;

constexpr const char* kHarness[] = {"verilate.sh",   "bench_main.cpp",  "stream_bench.hpp",
                                    "bench_abi.hpp", "bench_print.hpp", "stream_sva.sv"};

/// Returns the versions of the tools, which are asked once per process.
const std::string& tool_versions() {
  static const std::string versions =
      run_program({"verilator", "--version"}).output + run_program({"g++", "--version"}).output;
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
  for (const fs::path& file : sources.assertions) add(file);
  for (const char* name : kHarness) add(source_folder() / "testbenches/harness" / name);
  hash.add(top);
  return unit.top.unit.name + "-" + hash.text();
}

/// Holds the lock of one cache entry, against other processes and other threads alike.
class EntryLock {
 public:
  explicit EntryLock(const fs::path& path) : file_(open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644)) {
    if (file_ < 0 || flock(file_, LOCK_EX) != 0) throw std::runtime_error("cannot lock " + path.string());
  }
  ~EntryLock() { close(file_); }
  EntryLock(const EntryLock&) = delete;
  EntryLock& operator=(const EntryLock&) = delete;

 private:
  int file_;
};

void build(const VerilatedUnit& unit, const Sources& sources, const std::string& top, const fs::path& library) {
  const fs::path top_file = library.string() + ".top.sv";
  write_atomically(top_file, top);
  const std::string& name = unit.top.unit.name;
  std::vector<std::string> command{(source_folder() / "testbenches/harness/verilate.sh").string(),
                                   "--unit",
                                   name,
                                   "--root",
                                   source_folder().string(),
                                   "--top",
                                   top_file.string(),
                                   "--out",
                                   library.string(),
                                   "--cflags",
                                   SUBBYTE_BENCH_FLAGS};
  for (const fs::path& folder : sources.rtl.include_dirs) command.insert(command.end(), {"--folder", folder.string()});
  for (const fs::path& file : sources.assertions) command.insert(command.end(), {"--assertions", file.string()});
  if (unit.top.mutants) command.emplace_back("--mutants");
  if (unit.waves) command.emplace_back("--waves");
  if (unit.coverage) command.emplace_back("--coverage");
  const ProgramOutcome outcome = run_program(command);
  if (outcome.status == 0 && fs::exists(library)) return;
  throw std::runtime_error(std::string("building the ") + (unit.top.netlist ? "netlist" : "RTL") + " of " + name +
                           " failed: " + outcome.output + outcome.error);
}

}  // namespace

fs::path rtl_library(const VerilatedUnit& unit) {
  const fs::path folder = cache_folder("rtl");
  fs::create_directories(folder);
  const Sources sources = sources_of(unit);
  const std::string top = testbenches::bench_top(unit.top);
  const std::string key = key_of(unit, sources, top);
  const fs::path library = folder / (key + ".so");
  if (fs::exists(library)) return library;
  const EntryLock lock(folder / (key + ".lock"));
  if (!fs::exists(library)) build(unit, sources, top, library);
  return library;
}

}  // namespace subbyte::sim
