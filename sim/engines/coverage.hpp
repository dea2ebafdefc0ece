// Coverage of a unit's RTL by stimuli: Verilator's counters of lines, branches and toggles, of all instances and
// parameter points of a unit taken together.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/contract/unit.hpp"
#include "sim/engines/engine.hpp"

namespace subbyte::sim {

struct CoverageCount {
  std::size_t hit = 0;
  std::size_t total = 0;
  double percent() const { return total == 0 ? 100.0 : 100.0 * static_cast<double>(hit) / static_cast<double>(total); }
};

/// What no stimulus reached.
struct CoverageMiss {
  std::string file;  ///< relative to the RTL folder
  unsigned line = 0;
  std::string kind;  ///< line, branch or toggle
  std::string what;  ///< the branch (if, else, elsif, case) or the bit of a signal; empty for a line
};

/// - A line is one that an `always` block executes: hit when it was executed once in some instance.
/// - A branch is a way out of an if or case, an empty else too.
/// - A toggle is one bit of a signal or port, hit when it changed twice in one run of one instance: up and down.
///   clk_i, rst_ni and signals called unused_* are left out, as are the constants in generated/; other bits that
///   are constant by construction count as missed.
/// Continuous assignments have toggles alone.
struct UnitCoverage {
  std::string unit;
  CoverageCount lines, branches, toggles;
  std::vector<CoverageMiss> missed;  ///< by file and line
  nlohmann::ordered_json json() const;
};

/// Counters of many runs.
class Coverage {
 public:
  /// `text` is what Verilator wrote at the end of one run; points of files that are not in `rtl_dir` (the bench,
  /// assertions) are left out. Throws std::runtime_error, with the line, for what is no such file.
  void add(std::string_view text, const std::filesystem::path& rtl_dir);
  UnitCoverage summary(const std::string& unit) const;
  /// All runs added up, in Verilator's format.
  std::string data() const;
  /// Sources with the counters in front: executions of the line and toggled bits of what is declared there; "%" marks
  /// what was missed. By file.
  std::map<std::string, std::string> listings(const std::filesystem::path& rtl_dir) const;

 private:
  struct Point {
    std::string file, kind, what;
    unsigned line = 0;
    std::vector<unsigned> lines;  ///< that it executes
    std::uint64_t count = 0;      ///< of the instance and run with the most
    bool hit() const { return count >= (kind == "toggle" ? 2 : 1); }
  };
  std::map<std::string, Point> points_;
  std::map<std::string, std::uint64_t> sums_;
  std::map<std::string, std::map<unsigned, std::uint64_t>> executed() const;
};

/// rtl/ of the sources, or what the options say.
std::filesystem::path rtl_folder(const EngineOptions& options);

/// Runs the stimulus on RTL with counters and adds them. Parameters are complete.
void cover(const kernels::UnitInfo& unit, const kernels::Parameters& parameters, const kernels::Stimulus& stimulus,
           const EngineOptions& options, Coverage& coverage);

}  // namespace subbyte::sim
