#include "sim/commands/common_options.hpp"

#include <nlohmann/json.hpp>

#include "kernels/catalogue.hpp"
#include "sim/base/input_error.hpp"
#include "sim/base/made_by.hpp"
#include "sim/base/output_file.hpp"

namespace subbyte::sim {

void add_record(Options& options, std::optional<std::string>& file) {
  options.value("record FILE", file, "Also write a result record (JSON), which `subbyte report` makes a page of.")
      .output();
}

void write_record(const std::optional<std::string>& file, const reports::Record& record) {
  if (!file) return;
  reports::Record stamped = record;
  stamped.provenance["made_by"] = made_by();
  write_atomically(*file,
                   reports::to_json(stamped).dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

void add_verbose(Options& options, bool& field) {
  options
      .flag("verbose", field,
            "Also print every source, condition and footnote. Without it one line at the end says how many there are.")
      .of_text("it is about the text, and the object holds every source and footnote");
}

void add_technology(Options& options, TechnologyChoice& choice) {
  options.value("technology NAME", choice.name,
                "Use the cell library of this technology (a file in configs/technologies).");
  options.value("liberty FILE", choice.liberty,
                "Use the cell library in this Liberty file, plain or compressed by gzip, instead of a technology.");
}

void check_technology(const Options& options) { options.excludes({"technology"}, "liberty"); }

Technology open_technology(const TechnologyChoice& choice) {
  if (choice.liberty) return {"", "", read_cell_library(*choice.liberty)};
  return read_technology(choice.name);
}

void add_memories(Options& options, MemoryFiles& files) {
  options.value("sram FILE", files.sram, "Take the energies of SRAM banks from this table, not from configs/memories.");
  options.value("dram FILE", files.dram, "Take the energies of DRAM from this table, not from configs/memories.");
}

void add_zero_delay(Options& options, bool& field) {
  options.flag("zero-delay", field,
               "Leave glitches out of energies: every gate switches once per cycle at most. It is quicker, and its "
               "figures compare among circuits of like depth alone.");
}

void refuse_glitches(Arguments args) {
  for (const std::string& word : args)
    if (word == "--glitches" || word.starts_with("--glitches="))
      throw InputError("", "--glitches",
                       "is no option any more: glitches are in every energy, and --zero-delay leaves them out");
}

std::vector<const kernels::UnitInfo*> units_named(const std::string& name) {
  if (name != "all") return {&kernels::unit(name)};
  std::vector<const kernels::UnitInfo*> units;
  for (const kernels::UnitInfo& unit : kernels::units()) units.push_back(&unit);
  return units;
}

void add_rtl_dir(Options& options, std::filesystem::path& folder, std::string help) {
  options.named(
      "rtl-dir FOLDER", folder, "",
      [](const std::string& path) {
        if (!std::filesystem::is_directory(path))
          throw InputError(path, "--rtl-dir", "is not a directory, expected one with SystemVerilog sources");
        return std::filesystem::path(path);
      },
      std::move(help));
}

}  // namespace subbyte::sim
