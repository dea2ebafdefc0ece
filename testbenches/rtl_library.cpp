#include "testbenches/rtl_library.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include <xxhash.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace subbyte::testbenches {
namespace {

namespace fs = std::filesystem;

std::string read_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

struct Output {
  int status = 0;
  std::string text;
};

std::string quoted(const std::string& argument) {
  std::string text = "'";
  for (const char c : argument) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

Output run_program(const std::vector<std::string>& command) {
  std::string line;
  for (const auto& argument : command) line += quoted(argument) + " ";
  FILE* pipe = popen((line + "2>&1").c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("cannot run " + line);
  Output output;
  std::array<char, 4096> buffer{};
  while (const std::size_t n = fread(buffer.data(), 1, buffer.size(), pipe)) output.text.append(buffer.data(), n);
  output.status = pclose(pipe);
  return output;
}

/// Versions of the tools, asked once per process.
const std::string& tool_versions() {
  static const std::string versions = run_program({"sh", "-c", "verilator --version; g++ --version | head -1"}).text;
  return versions;
}

/// The unit's file and, transitively, every file of the folder whose stem (= module name) it mentions.
std::set<fs::path> reachable(const fs::path& rtl_dir, const std::string& unit) {
  std::map<std::string, fs::path> modules;
  for (const auto* folder : {"", "parts", "generated"}) {
    if (!fs::is_directory(rtl_dir / folder)) continue;
    for (const auto& entry : fs::directory_iterator(rtl_dir / folder))
      if (entry.path().extension() == ".sv") modules.emplace(entry.path().stem(), entry.path());
  }
  std::set<fs::path> found;
  std::vector<fs::path> todo{rtl_dir / (unit + ".sv")};
  while (!todo.empty()) {
    const fs::path path = todo.back();
    todo.pop_back();
    if (!found.insert(path).second) continue;
    std::string word;
    for (const char c : read_text(path) + " ") {
      if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_') {
        word += c;
        continue;
      }
      if (const auto module = modules.find(word); module != modules.end()) todo.push_back(module->second);
      word.clear();
    }
  }
  return found;
}

/// What testbenches/ holds of a unit's bench.
std::array<std::string, 6> bench_files(const std::string& unit) {
  return {unit + ".cpp", unit + "_sva.sv", "stream_sva.sv", "stream_bench.hpp", "bench_abi.hpp", "bench_print.hpp"};
}

std::string key_of(const LibraryRequest& request) {
  const fs::path root = SUBBYTE_SOURCE_DIR;
  const std::string& unit = request.unit.name;
  std::string text = tool_versions() + SUBBYTE_BENCH_FLAGS + (request.waves ? " waves" : "") +
                     (request.mutants ? " mutants" : "") + (request.netlist ? " netlist" : "") +
                     (request.coverage ? " coverage" : "");
  for (const auto& path : reachable(request.rtl_dir, unit))
    text += "\n" + path.filename().string() + "\n" + read_text(path);
  for (const auto& name : bench_files(unit)) text += "\n" + name + "\n" + read_text(root / "testbenches" / name);
  text += read_text(root / "rtl" / "verilate.sh");
  text += bench_top(request.unit, request.parameters, request.mutants, request.netlist);
  const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
  char digits[33];
  std::snprintf(digits, sizeof digits, "%016llx%016llx", static_cast<unsigned long long>(hash.high64),
                static_cast<unsigned long long>(hash.low64));
  return unit + "-" + digits;
}

fs::path cache_folder() {
  const char* given = std::getenv("SUBBYTE_CACHE");
  fs::path folder = given != nullptr && *given != '\0' ? fs::path(given) : fs::path(SUBBYTE_BINARY_DIR) / "rtl-cache";
  fs::create_directories(folder);
  return fs::absolute(folder);
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

/// The assertions of a unit's streams alone: a netlist has none of the names that the others look at.
std::string stream_assertions(const std::string& unit, const std::string& assertions) {
  const auto begin = assertions.find("bind " + unit + " stream_sva ");
  if (begin == std::string::npos) throw std::runtime_error(unit + "_sva.sv binds no stream_sva to " + unit);
  return assertions.substr(begin, assertions.find(';', begin) + 1 - begin) + "\n";
}

/// A tree with the bench alone, for a netlist: rtl/verilate.sh then builds it like any RTL.
class NetlistBench {
 public:
  NetlistBench(const std::string& unit, const fs::path& root) : root_(root) {
    fs::create_directories(root_ / "testbenches");
    for (const auto& name : bench_files(unit)) {
      const std::string text = read_text(fs::path(SUBBYTE_SOURCE_DIR) / "testbenches" / name);
      std::ofstream(root_ / "testbenches" / name) << (name == unit + "_sva.sv" ? stream_assertions(unit, text) : text);
    }
  }
  ~NetlistBench() {
    std::error_code ignored;
    fs::remove_all(root_, ignored);
  }
  NetlistBench(const NetlistBench&) = delete;
  NetlistBench& operator=(const NetlistBench&) = delete;

 private:
  fs::path root_;
};

void build(const LibraryRequest& request, const fs::path& library) {
  const fs::path script = fs::path(SUBBYTE_SOURCE_DIR) / "rtl/verilate.sh";
  const fs::path root = request.netlist ? fs::path(library.string() + ".root") : fs::path(SUBBYTE_SOURCE_DIR);
  std::optional<NetlistBench> bench;
  if (request.netlist) bench.emplace(request.unit.name, root);
  const fs::path top = library.string() + ".top.sv";
  std::ofstream(top) << bench_top(request.unit, request.parameters, request.mutants, request.netlist);
  std::vector<std::string> command{script.string(),    "--unit", request.unit.name,        "--root",
                                   root.string(),      "--rtl",  request.rtl_dir.string(), "--top",
                                   top.string(),       "--out",  library.string(),         "--cflags",
                                   SUBBYTE_BENCH_FLAGS};
  if (request.mutants) command.emplace_back("--mutants");
  if (request.waves) command.emplace_back("--waves");
  if (request.coverage) command.emplace_back("--coverage");
  const Output output = run_program(command);
  if (output.status != 0 || !fs::exists(library))
    throw std::runtime_error(std::string("building the ") + (request.netlist ? "netlist" : "RTL") + " of " +
                             request.unit.name + " failed: " + output.text);
}

}  // namespace

fs::path rtl_library(const LibraryRequest& request) {
  const fs::path folder = cache_folder();
  const std::string key = key_of(request);
  const fs::path library = folder / (key + ".so");
  if (fs::exists(library)) return library;
  const EntryLock lock(folder / (key + ".lock"));
  if (!fs::exists(library)) build(request, library);
  return library;
}

}  // namespace subbyte::testbenches
