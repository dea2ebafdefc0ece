#include "sim/engines/export_unit.hpp"

#include <fmt/format.h>

#include <map>
#include <stdexcept>

#include "models/catalogue.hpp"
#include "sim/base/input_error.hpp"
#include "sim/base/output_file.hpp"
#include "sim/base/paths.hpp"
#include "sim/base/process.hpp"
#include "sim/cells/cell_models.hpp"
#include "sim/engines/compare.hpp"
#include "sim/engines/verify.hpp"
#include "sim/synthesis/rtl_sources.hpp"

namespace subbyte::sim {
namespace fs = std::filesystem;
namespace {

fs::path normalized(const fs::path& out) {
  const fs::path path = fs::absolute(out).lexically_normal();
  return path.has_filename() ? path : path.parent_path();
}

std::string hex(std::span<const std::uint64_t> words, unsigned bits) {
  std::string digits;
  for (unsigned nibble = (bits + 3) / 4; nibble-- > 0;)
    digits += "0123456789abcdef"[(words[nibble / 16] >> nibble % 16 * 4) & 15];
  return digits;
}

std::string input_text(const UnitExportRequest& request, const kernels::Stimulus& stimulus) {
  const unsigned bits = request.unit.input_shape(request.parameters).bits();
  std::vector<std::uint64_t> beat(stimulus.input.words);
  std::string text;
  for (std::size_t i = 0; i < stimulus.input.count; ++i) {
    stimulus.input.fill(i, beat);
    text += hex(beat, bits) + "\n";
  }
  return text;
}

std::map<std::string, std::string> vector_files(const UnitExportRequest& request, const UnitVectors& vectors) {
  const unsigned bits = request.unit.output_shape(request.parameters).bits();
  std::map<std::string, std::string> files;
  files["vectors/input.hex"] = input_text(request, vectors.stimulus);
  std::string& config = files["vectors/config.hex"];
  for (const kernels::ConfigWrite& write : vectors.stimulus.config)
    config += fmt::format("{:02x}{:08x}\n", write.address, write.data);
  if (config.empty()) files.erase("vectors/config.hex");
  std::string& stalls = files["vectors/stalls.hex"];
  for (std::uint64_t cycle = 0; cycle < vectors.stall_cycles; ++cycle) {
    const bool in = vectors.stimulus.stalls.stalled(kernels::Side::kInput, cycle);
    const bool out = vectors.stimulus.stalls.stalled(kernels::Side::kOutput, cycle);
    stalls += fmt::format("{}\n", (out ? 2 : 0) + (in ? 1 : 0));
  }
  std::string& beats = files["vectors/expected.hex"];
  std::string& cycles = files["vectors/expected_cycles.hex"];
  for (std::uint64_t i = 0; i < vectors.expected.size(); ++i) {
    beats += hex(vectors.expected.beat(i), bits) + "\n";
    cycles += fmt::format("{:08x}\n", vectors.expected.cycle(i));
  }
  return files;
}

/// Where a source of the folder `rtl` lies in the export: below rtl/ as it does there. Links are not followed; a folder
/// that the search path names outside is flattened.
fs::path exported_path(const fs::path& file, const fs::path& rtl) {
  const fs::path inside = fs::absolute(file).lexically_normal().lexically_relative(rtl);
  return fs::path("rtl") / (inside.empty() || *inside.begin() == ".." ? file.filename() : inside);
}

/// Copies the closure of the RTL, as it lies in its folder, with every header of that folder, and writes the list that
/// names it in reading order.
void add_sources(const UnitExportRequest& request, std::map<std::string, std::string>& files) {
  const fs::path given = request.rtl_dir.empty() ? source_folder() / "rtl" : request.rtl_dir;
  const fs::path rtl = fs::absolute(given / "").lexically_normal().parent_path();
  std::string& list = files[request.unit.name + ".f"];
  const auto add = [&](const fs::path& file) {
    const fs::path name = exported_path(file, rtl);
    if (!files.emplace(name.generic_string(), read_text(file)).second)
      throw InputError(file.string(), "--rtl-dir", "has the name of another source, expected one of each name");
    return name;
  };
  const RtlSources sources = rtl_sources(rtl, request.unit.name);
  for (const fs::path& folder : sources.include_dirs) {
    fs::path include;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder))
      if (entry.path().extension() == ".svh") include = add(entry.path()).parent_path();
    if (!include.empty()) list += "+incdir+" + include.generic_string() + "\n";
  }
  for (const fs::path& file : sources.files) list += add(file).generic_string() + "\n";
}

void add_netlist(const UnitExportRequest& request, std::map<std::string, std::string>& files) {
  SynthesisOptions options;
  options.clock_mhz = request.clock_mhz;
  options.rtl = request.rtl_dir;
  const CellLibrary& library = request.technology.library;
  const MappedNetlist netlist = map_netlist(request.unit, request.parameters, library, options);
  const std::string head = fmt::format("// {} at {} mapped to {} ({}) for {:g} MHz by {}.\n", request.unit.name,
                                       kernels::parameters_text(request.parameters), library.name, library.corner,
                                       request.clock_mhz, netlist.tools.yosys);
  files["netlist/" + request.unit.name + "_netlist.v"] = head + netlist.verilog;
  files["netlist/cells.v"] =
      fmt::format("// Models of the cells of {} that the netlist uses, from their Liberty functions; no delays.\n",
                  library.name) +
      cell_models(library, netlist.cells, true);
}

}  // namespace

UnitVectors unit_vectors(const UnitExportRequest& request) {
  const kernels::UnitInfo& unit = request.unit;
  UnitVectors vectors;
  const kernels::StallPlan stalls{request.seed, request.stall_percent, request.stall_percent};
  vectors.stimulus = unit.random(request.parameters, {request.format, request.cases, request.seed, stalls, true});
  const kernels::Trace golden = unit.golden(request.parameters, vectors.stimulus, {});
  vectors.expected = models::run_systemc(unit, request.parameters, vectors.stimulus);
  const auto wrong = first_mismatch(unit.output_shape(request.parameters), "golden", golden, "systemc",
                                    vectors.expected, {true, false});
  if (wrong)
    throw std::runtime_error(
        fmt::format("the engines of {} differ, so nothing is exported: {}", unit.name, wrong->text()));
  if (golden.size() == 0)
    throw std::runtime_error(fmt::format("{} gives no output beat for {} cases", unit.name, request.cases));
  vectors.stall_cycles = vectors.expected.cycles() + kernels::kQuietCycles;
  return vectors;
}

void check_export_folder(const fs::path& out) {
  const fs::path folder = normalized(out);
  if (!fs::exists(folder)) return;
  if (!fs::is_directory(folder)) throw InputError(out.string(), "--out", "is a file, expected a new or empty folder");
  if (!fs::is_empty(folder)) throw InputError(out.string(), "--out", "is not empty, expected a new or empty folder");
  if (fs::equivalent(folder, fs::current_path()))
    throw InputError(out.string(), "--out", "is the current folder, expected another one, which can be replaced");
}

UnitExport export_unit(const UnitExportRequest& request, const fs::path& out) {
  check_export_folder(out);
  if (const auto why = kernels::without_rtl(request.unit)) throw InputError("", "unit " + request.unit.name, why->text);
  const UnitVectors vectors = unit_vectors(request);
  std::map<std::string, std::string> files = vector_files(request, vectors);
  add_sources(request, files);
  if (request.netlist) add_netlist(request, files);
  files[request.unit.name + ".sdc"] = unit_constraints(request);
  files["tb_" + request.unit.name + ".v"] = unit_bench(request, vectors);
  files["Makefile"] = unit_makefile(request);
  files["README.md"] = unit_readme(request, vectors);

  UnitExport done{{}, vectors.stimulus.input.count, vectors.expected.size(), vectors.expected.cycles()};
  const fs::path folder = normalized(out);
  try {
    const ScratchFolder scratch(folder.parent_path());
    for (const auto& [name, text] : files) {
      write_atomically(scratch.path() / name, text);
      done.files.push_back(name);
    }
    fs::permissions(scratch.path(), fs::status(scratch.path() / "vectors").permissions());
    fs::rename(scratch.path(), folder);
  } catch (const fs::filesystem_error& error) {
    throw InputError(out.string(), "--out", fmt::format("cannot be written: {}", error.code().message()));
  } catch (const std::runtime_error& error) {
    throw InputError(out.string(), "--out", fmt::format("cannot be written: {}", error.what()));
  }
  return done;
}

}  // namespace subbyte::sim
