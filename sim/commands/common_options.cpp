#include "sim/commands/common_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "kernels/catalogue.hpp"
#include "quant/base/suggestion.hpp"
#include "reports/text.hpp"
#include "sim/base/file_roles.hpp"
#include "sim/base/hash.hpp"
#include "sim/base/input_error.hpp"
#include "sim/base/lists.hpp"
#include "sim/base/made_by.hpp"
#include "sim/base/output_file.hpp"
#include "sim/base/paths.hpp"
#include "sim/base/process.hpp"
#include "sim/config/config_paths.hpp"
#include "sim/config/format_file.hpp"
#include "sim/config/word_list.hpp"
#include "sim/llm/evaluation_text.hpp"
#include "sim/synthesis/rtl_sources.hpp"

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

void add_set(Options& options, DesignChanges& changes, const std::string& whose) {
  options.repeated("set KEY=VALUE,...", changes.set,
                   fmt::format("Change values of {}: keys as in its file (`subbyte keys design` lists them), with dots "
                               "(memory.bandwidth_gb_per_s); a parameter of the unit needs its name alone (rows). May "
                               "be given several times.",
                               whose));
}

void add_memories(Options& options, DesignChanges& changes) {
  options.value("sram NAME", changes.sram,
                "Take the energies of SRAM banks of this technology in configs/memories/sram.csv, or, where this is a "
                "path (with '/' or .csv), from this table.");
  options.value("dram NAME", changes.dram,
                "Take the energy of this entry in configs/memories/dram.csv, or, where this is a path (with '/' or "
                ".csv), the design's entry from this table.");
}

std::vector<Setting> settings_of(const DesignChanges& changes) {
  std::vector<Setting> settings;
  ProblemList problems;
  for (const std::string& words : changes.set) {
    if (words.empty()) problems.add(ConfigProblem{"", "--set", "is empty, expected KEY=VALUE, separated by commas"});
    for (const std::string& word : comma_list(words)) {
      const std::size_t sign = word.find('=');
      if (sign == std::string::npos || sign == 0 || sign + 1 == word.size())
        problems.add(ConfigProblem{"", "--set", fmt::format("is '{}', expected KEY=VALUE, separated by commas", word)});
      else
        settings.push_back({word.substr(0, sign), word.substr(sign + 1), "--set " + word.substr(0, sign)});
    }
  }
  problems.stop();
  for (const auto& [name, given] : {std::pair{"sram", changes.sram}, {"dram", changes.dram}}) {
    if (!given) continue;
    const bool table = is_path(*given, FileKind::kTable);
    settings.push_back({fmt::format("memory.{}{}", name, table ? "_file" : ""), *given, fmt::format("--{}", name)});
  }
  return settings;
}

void check_one_technology(const std::vector<Setting>& settings, const std::optional<std::string>& technology) {
  for (const Setting& setting : settings)
    if (technology && setting.key == "technology")
      throw InputError("", setting.place, "is given twice, also as --technology, expected once");
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

void add_text(Options& options, TextChoice& choice) {
  options.value("text FILE", choice.text,
                "Predict this text: UTF-8, or token ids as .npy [rows][n]. By default it is validation.npy beside the "
                "model.");
  options.value("tokenizer FILE", choice.tokenizer, "Use this tokenizer. By default it is the one beside the model.");
}

void check_predictions(const std::string& option, std::size_t asked, const EvaluationText& text) {
  std::size_t there = 0;
  for (const TokenSequence& sequence : text.sequences) there += sequence.size() - 1;
  if (asked > there)
    throw InputError(
        "", "--" + option,
        fmt::format("is {}, expected 1..{}: {} has no more tokens to predict, as it is cut", asked, there, text.path));
}

EvaluationText read_evaluation_text(const LlamaForward& forward, const std::string& model, const TextChoice& choice) {
  EvaluationText text;
  text.path = choice.text ? *choice.text : text_beside(model);
  if (text.path.empty()) throw InputError(model, "", "no text beside this model, expected --text FILE");
  std::optional<Tokenizer> tokenizer;
  if (holds_token_ids(text.path)) {
    const std::string why = text.path + " holds token ids";
    if (choice.tokenizer) throw without_effect("tokenizer", why);
    if (choice.streaming || choice.stories) throw without_effect(choice.stories ? "stories" : "streaming", why);
  } else {
    text.tokenizer = choice.tokenizer ? *choice.tokenizer : Tokenizer::beside(model).value_or("");
    if (text.tokenizer.empty())
      throw InputError(model, "", "no tokenizer beside this model, expected --tokenizer FILE");
    tokenizer = Tokenizer::open(text.tokenizer);
    text.bytes = byte_tokens(*tokenizer);
  }
  SequenceOptions cut;
  if (choice.streaming) cut.cut = TextCut::kStream;
  cut.context = forward.config().context;
  cut.vocabulary = forward.config().vocab;
  cut.max_tokens = choice.tokens;
  text.sequences = read_sequences(text.path, tokenizer ? &*tokenizer : nullptr, cut);
  check_predictions("tokens", choice.tokens, text);
  if (choice.tokens != 0) keep_predictions(text.sequences, choice.tokens);
  return text;
}

std::vector<Policy> policies_named(const std::string& text) {
  const std::vector<std::string> words = comma_list(text);
  if (words.empty()) throw InputError("", "--format", "is empty, expected formats or policies separated by commas");
  std::vector<Policy> policies = read_each("--format", words, parse_policy, [](const Policy& policy) {
    return policy.is_file() ? file_identity(policy.text()) : describe(*policy.format_of(""));
  });
  std::vector<std::pair<std::string, quant::Format>> formats;
  for (std::size_t i = 0; i < policies.size(); ++i)
    if (!policies[i].is_file()) formats.emplace_back(words[i], *policies[i].format_of(""));
  check_told_apart(formats);
  return policies;
}

void check_told_apart(const std::vector<std::pair<std::string, quant::Format>>& named) {
  std::map<std::string, const std::pair<std::string, quant::Format>*> first;  // by id
  for (const auto& each : named) {
    const auto& other = *first.emplace(each.second.id(), &each).first->second;
    if (describe(other.second) != describe(each.second))
      throw InputError("", "--format",
                       fmt::format("has two different formats that are both called '{}', {} and {}: expected a `name:` "
                                   "in one of them that tells them apart",
                                   each.second.id(), other.first, each.first));
  }
}

void check_one_format(const std::string& text, const std::string& instead) {
  if (comma_list(text).size() < 2 || std::filesystem::exists(text)) return;
  throw InputError("", "--format", "is " + text + ", expected one format or policy; " + instead);
}

std::vector<const kernels::UnitInfo*> units_named(const std::string& name) {
  if (name != "all") return {&kernels::unit_without_memories(name, std::array{std::string("all")})};
  std::vector<const kernels::UnitInfo*> units;
  for (const kernels::UnitInfo& unit : kernels::units()) units.push_back(&unit);
  return units;
}

kernels::Parameters parameters_named(const std::string& text) {
  const auto read = [](const std::string& word) {
    const kernels::Parameters one = kernels::parse_parameters(word.empty() ? "," : word);  // an empty part is wrong
    return *one.begin();
  };
  const auto all = read_each("--params", comma_list(text), read, [](const auto& each) { return each.first; });
  return {all.begin(), all.end()};
}

void check_parameters(const kernels::UnitInfo& unit, const kernels::Parameters& parameters) {
  ProblemList problems;
  for (const auto& [name, value] : parameters) {
    try {
      at_option("--params", [&] { return kernels::resolve(unit, {{name, value}}); });
    } catch (const InputError& error) {
      problems.add(error);
    }
  }
  problems.stop();
}

void add_rtl_dir(Options& options, std::filesystem::path& folder, std::string help) {
  options.named(
      "rtl-dir FOLDER", folder, "",
      [](const std::string& path) {
        if (!std::filesystem::is_directory(path))
          throw InputError(path, "--rtl-dir", "is not a directory, expected one with SystemVerilog sources");
        note_input_folder(path);
        return std::filesystem::path(path);
      },
      std::move(help));
}

void check_rtl_layout(const std::filesystem::path& folder) {
  if (folder.empty()) return;
  for (const std::filesystem::path& place : rtl_folders(folder))
    for (const auto& entry : std::filesystem::directory_iterator(place)) {
      if (entry.path().extension() != ".sv") continue;
      const bool unit = kernels::find_unit(entry.path().stem().string()) != nullptr;
      const bool first = std::filesystem::equivalent(place, folder);
      if (unit == first) continue;
      const std::string where = unit ? "is a unit below the folder, expected it directly there"
                                     : "is no unit of `subbyte units`, expected it in a sub-folder that "
                                       "search_path.txt names";
      throw InputError(entry.path().string(), "--rtl-dir", where + ", as in the project's rtl/: areas follow from it");
    }
}

nlohmann::ordered_json foreign_rtl(const std::filesystem::path& folder) {
  if (folder.empty() || std::filesystem::equivalent(folder, source_folder() / "rtl")) return nullptr;
  std::map<std::string, std::string> texts;
  for (const std::filesystem::path& place : rtl_folders(folder))
    for (const auto& entry : std::filesystem::directory_iterator(place))
      if (entry.path().extension() == ".sv" || entry.path().extension() == ".svh")
        texts[std::filesystem::proximate(entry.path(), folder).string()] = read_text(entry.path());
  ContentHash hash;
  for (const auto& [name, text] : texts) {
    hash.add(name + '\n');
    hash.add(text);
  }
  return {{"folder", folder.string()}, {"hash", hash.text()}};
}

std::string foreign_rtl_text(const nlohmann::ordered_json& rtl) {
  if (rtl.is_null()) return "";
  return reports::wrapped_text(fmt::format("RTL     {}, not the project's own (hash {})",
                                           rtl["folder"].get<std::string>(), rtl["hash"].get<std::string>()),
                               reports::kTerminalColumns, 8);
}

void note_rtl(const nlohmann::ordered_json& rtl, reports::Record& record) {
  if (rtl.is_null()) return;
  record.provenance["rtl"] = rtl;
  record.title += ", RTL of " + rtl["folder"].get<std::string>();
}

void note_rtl(const nlohmann::ordered_json& rtl, nlohmann::ordered_json& object) {
  if (!rtl.is_null()) object["rtl"] = rtl;
}

std::map<std::string, std::size_t> named_numbers(const std::string& text, const std::vector<std::string>& names,
                                                 std::size_t most, std::size_t least) {
  std::map<std::string, std::size_t> numbers;
  for (const auto& [name, value] : kernels::parse_parameters(text)) {
    if (std::ranges::find(names, name) == names.end())
      throw std::invalid_argument(fmt::format("has '{}', {}", name, quant::expectation(name, names)));
    if (value < static_cast<std::int64_t>(least) || static_cast<std::size_t>(value) > most)
      throw std::invalid_argument(fmt::format("has {}={}, expected {}..{}", name, value, least, most));
    numbers[name] = static_cast<std::size_t>(value);
  }
  if (numbers.empty()) throw std::invalid_argument(fmt::format("is empty, expected {}=N", names.front()));
  return numbers;
}

}  // namespace subbyte::sim
