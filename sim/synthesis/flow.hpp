// The steps of the synthesis flow. Each is one run of a tool, whose result is kept in the cache.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/base/cache.hpp"
#include "sim/base/hash.hpp"
#include "sim/base/process.hpp"
#include "sim/base/progress.hpp"
#include "sim/cells/technology.hpp"
#include "sim/synthesis/macros.hpp"
#include "sim/synthesis/rtl_sources.hpp"
#include "sim/synthesis/synthesis_result.hpp"
#include "sim/synthesis/yosys_json.hpp"

namespace subbyte::sim {

/// Holds what all steps share. The scripts stand in sim/synthesis/.
struct SynthesisFlow {
  const CellLibrary& library;
  std::filesystem::path rtl;
  JsonCache cache;
  double clock_mhz = 0;
  std::function<void(const std::string&)> progress;
  SynthesisTools tools;
  std::string elaborate_script, map_script, timing_script, gold_script;
  bool composed_path = false, sta = false;  ///< as in SynthesisOptions
  MacroTable macros = {};                   ///< as in SynthesisOptions

  /// Returns a step of this flow: it is shown as long as it lasts, and `progress` hears of it.
  Step step(const std::string& what, const std::string& like = "") const {
    if (progress) progress(what);
    return Step(what, like);
  }
};

/// Finds the tools and reads the scripts. Throws InputError when yosys is not installed.
SynthesisFlow open_flow(const CellLibrary& library, const SynthesisOptions& options);

/// Returns the same flow at another clock. Throws std::invalid_argument for a clock that is not above 0.
SynthesisFlow at_clock(SynthesisFlow flow, double clock_mhz);
/// Returns the same flow with another ABC script, by its name among abc_scripts(). Throws InputError for an unknown
/// one.
SynthesisFlow with_script(SynthesisFlow flow, const std::string& abc_script);

/// Holds a technology and the flow into its library, opened once for all that is asked of them.
struct OpenTechnology {
  /// Throws as open_flow() does.
  explicit OpenTechnology(Technology read, const SynthesisOptions& options = {})
      : technology(std::move(read)), flow(open_flow(technology.library, options)) {}
  OpenTechnology(const OpenTechnology&) = delete;  // because the flow refers to the library
  OpenTechnology& operator=(const OpenTechnology&) = delete;

  const Technology technology;
  const SynthesisFlow flow;
};

/// Returns the parts of a module at given RTL parameters, which are sized literals or decimals.
std::vector<Part> elaborate(const SynthesisFlow& flow, const std::string& module,
                            const std::map<std::string, std::string>& parameters);

/// Returns a unit's complete parameters by their RTL names.
std::map<std::string, std::string> rtl_parameters(const kernels::UnitInfo& info, const kernels::Parameters& parameters);

struct MappedPart {
  std::map<std::string, std::size_t> cells;  ///< counts library cells only
  std::string verilog;                       ///< structural Verilog, with the part's children by their part names
};

/// Maps one part, with its children as black boxes. `parts` is the elaboration that it comes from.
MappedPart map_part(const SynthesisFlow& flow, const Part& part, const std::vector<Part>& parts);

struct NetlistPaths {
  std::optional<TimingPath> all;
  std::optional<TimingPath> registers;             ///< the worst path from register to register
  std::map<std::string, TimingPath> ends_in_part;  ///< the worst that ends in a register of an instance of that part
};

/// Returns the critical paths of `top` in a netlist by sim/netlist/static_timing.hpp, and per module those that end in
/// its registers. Instances of `black_boxes`, whose modules the netlist lacks, neither load nor drive anything; those
/// of `macros` drive an access time behind the clock. Throws InputError for a library without the tables.
NetlistPaths netlist_paths(const SynthesisFlow& flow, const std::string& verilog, const std::string& top,
                           const std::vector<std::string>& black_boxes = {}, const std::vector<MacroCell>& macros = {});

/// Returns the same paths by Debian's sta, as a cross-check. `parts` asks for the paths that end in these children of
/// the top. Throws InputError where sta is not installed.
NetlistPaths time_netlist(const SynthesisFlow& flow, const std::string& verilog, const std::string& top,
                          const std::vector<std::string>& parts = {});

// The rest is what the steps have in common.

/// Returns a script with its @NAMES@ replaced.
std::string filled_script(std::string text, const std::map<std::string, std::string>& values);
/// Returns @INCLUDES@, @SOURCES@, @TOP@ and @PARAMETERS@ of a script that runs in `scratch`, a folder below
/// tool_folder().
std::map<std::string, std::string> source_values(const RtlSources& sources, const std::string& module,
                                                 const std::map<std::string, std::string>& parameters,
                                                 const std::filesystem::path& scratch);
/// Returns @BLACKBOXES@, the part's children.
std::string black_boxes(const Part& part, const std::vector<Part>& parts);
/// Returns the lines of a tool's output that say what went wrong.
std::string tool_errors(const ProgramOutcome& outcome);
/// Reads what `tool` wrote into a JSON file. Throws InputError with the file where it is missing or not whole, as on a
/// full disk, and says how much space is left there.
nlohmann::json tool_json(const std::filesystem::path& path, const std::string& tool);
/// Returns the load of every output, which is that of four inputs of the smallest inverter.
double output_load_ff(const CellLibrary& library);
/// Returns the library as the tools read it: unpacked, and without default wire loads. It is kept, because every step
/// needs it.
std::filesystem::path prepared_library(const SynthesisFlow& flow);

}  // namespace subbyte::sim
