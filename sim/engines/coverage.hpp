// Measures how far stimuli cover a unit's RTL. It uses Verilator's counters of lines, branches and toggles, with all
// instances and parameter points of a unit taken together.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
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

/// One line, branch or toggle that no stimulus reached.
struct CoverageMiss {
  std::string file;  ///< relative to the RTL folder
  unsigned line = 0;
  std::string kind;  ///< line, branch or toggle
  std::string what;  ///< the branch (if, else, elsif, case) or the bit of a signal; empty for a line
};

/// What counts is this:
/// - A line is one that an `always` block executes; it is hit when it was executed once in some instance.
/// - A branch is a way out of an if or case, an empty else included.
/// - A toggle is one bit of a signal or port; it is hit when it changed twice in one run of one instance, up and down.
///   clk_i, rst_ni and signals called unused_* are left out, as are the constants in generated/; other bits that
///   are constant by construction count as missed.
/// Continuous assignments have toggles alone.
struct UnitCoverage {
  std::string unit;
  CoverageCount lines, branches, toggles;
  std::vector<CoverageMiss> missed;  ///< by file and line
  nlohmann::ordered_json json() const;
};

/// Adds up the counters of many runs.
class Coverage {
 public:
  /// `text` is what Verilator wrote at the end of one run; points of files that are not in `rtl_dir` (the bench, the
  /// assertions) are left out. Throws std::runtime_error, with the line, for what is no such file.
  void add(std::string_view text, const std::filesystem::path& rtl_dir);
  UnitCoverage summary(const std::string& unit) const;
  /// Returns all runs added up, in Verilator's format.
  std::string data() const;
  /// Returns the sources by file with the counters in front of each line: how often it was executed, and the toggled
  /// bits of what is declared there. A "%" marks what was missed.
  std::map<std::string, std::string> listings(const std::filesystem::path& rtl_dir) const;

 private:
  struct Point {
    std::string file, kind, what;
    unsigned line = 0;
    std::vector<unsigned> lines;  ///< the lines that it executes
    std::uint64_t count = 0;      ///< the count of the instance and run with the most
    bool hit() const { return count >= (kind == "toggle" ? 2 : 1); }
  };
  std::map<std::string, Point> points_;
  std::map<std::string, std::uint64_t> sums_;
  std::map<std::string, std::map<unsigned, std::uint64_t>> executed() const;
};

/// Returns rtl/ of the sources, or the folder that the options name.
std::filesystem::path rtl_folder(const EngineOptions& options);

/// Runs the stimulus on RTL with counters and adds them. The parameters are complete.
void cover(const kernels::UnitInfo& unit, const kernels::Parameters& parameters, const kernels::Stimulus& stimulus,
           const EngineOptions& options, Coverage& coverage);

}  // namespace subbyte::sim
