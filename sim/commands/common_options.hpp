// Options that several commands have, each with its one help text.
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "kernels/contract/unit.hpp"
#include "reports/record.hpp"
#include "sim/cells/technology.hpp"
#include "sim/commands/options.hpp"
#include "sim/config/config.hpp"
#include "sim/config/policy.hpp"
#include "sim/llm/loss_details.hpp"

namespace subbyte::sim {

/// --record FILE: what a command leaves behind for `subbyte report`.
void add_record(Options& options, std::optional<std::string>& file);
/// Writes the record, whole, when a file was named. Throws InputError when it cannot be written.
void write_record(const std::optional<std::string>& file, const reports::Record& record);

/// --verbose: every source and footnote on the terminal.
void add_verbose(Options& options, bool& field);

/// --technology NAME | --liberty FILE: a cell library by name or by file.
struct TechnologyChoice {
  std::string name = "osu018";
  std::optional<std::string> liberty;
};
void add_technology(Options& options, TechnologyChoice& choice);
/// To be asked for after parse(): one of the two at most. Throws InputError.
void check_technology(const Options& options);
/// The library is parsed here, once. Of a file nothing but the library is known. Throws as the readers.
Technology open_technology(const TechnologyChoice& choice);

/// --set KEY=VALUE,...: values in place of a design's.
struct DesignChanges {
  std::vector<std::string> set;
  std::optional<std::string> sram, dram;
};
void add_set(Options& options, DesignChanges& changes, const std::string& whose);
/// --sram and --dram: a name in the tables of configs/memories, or one's own table (a path with '/' or .csv).
void add_memories(Options& options, DesignChanges& changes);
/// To be called after parse(). Throws InputError for what is not KEY=VALUE.
std::vector<Setting> settings_of(const DesignChanges& changes);
/// Throws InputError where --technology and --set technology=T are both given.
void check_one_technology(const std::vector<Setting>& settings, const std::optional<std::string>& technology);

/// --zero-delay: energies without glitches.
void add_zero_delay(Options& options, bool& field);
/// To be called before parse(). Throws InputError for --glitches, which is no option any more, and says what is.
void refuse_glitches(Arguments args);

/// --text FILE, --tokenizer FILE and how the text is cut: what a model's loss is measured on.
struct TextChoice {
  std::optional<std::string> text, tokenizer;
  bool stories = false, streaming = false;
  std::size_t tokens = 0;  ///< predicted; 0: all
};
void add_text(Options& options, TextChoice& choice);

struct EvaluationText {
  std::string path;
  std::string tokenizer;  ///< empty: token ids were given
  std::vector<TokenSequence> sequences;
  std::vector<bool> bytes;  ///< byte_tokens() of the tokenizer
};
/// By default validation.npy and the tokenizer beside the model, which the user named `model`. Throws InputError where
/// there is none and for options without effect, and as the readers.
EvaluationText read_evaluation_text(const LlamaForward& forward, const std::string& model, const TextChoice& choice);

/// Throws InputError where an option asks for more tokens than the text has to predict; 0 asks for all.
void check_predictions(const std::string& option, std::size_t asked, const EvaluationText& text);

/// Reads the formats and policies of --format, each once. Throws ConfigError with every problem of the list, and as
/// check_told_apart().
std::vector<Policy> policies_named(const std::string& text);
/// Refuses two formats of one id that mean different things: their rows could not be told apart. `named` are the words
/// of --format with what they stand for.
void check_told_apart(const std::vector<std::pair<std::string, quant::Format>>& named);

/// An option that takes one format or policy: throws InputError for a list of several, saying `instead`.
void check_one_format(const std::string& text, const std::string& instead);

/// "all", or the name of one unit without memories. Throws std::invalid_argument as unit_without_memories() does.
std::vector<const kernels::UnitInfo*> units_named(const std::string& name);

/// --params NAME=N,... Throws ConfigError with every problem of the list.
kernels::Parameters parameters_named(const std::string& text);
/// Throws ConfigError with every parameter that the unit has not, or not with this value.
void check_parameters(const kernels::UnitInfo& unit, const kernels::Parameters& parameters);

/// --rtl-dir FOLDER, which must exist; empty: the project's own.
void add_rtl_dir(Options& options, std::filesystem::path& folder, std::string help);
/// To be asked for where the folder is synthesised: the modules with a file directly in it must be the units of the
/// catalogue, because these have areas of their own and parts are flattened into them. Throws InputError that names
/// the file.
void check_rtl_layout(const std::filesystem::path& folder);
/// {"folder","hash"} of the sources in --rtl-dir; null where they are the project's own.
nlohmann::ordered_json foreign_rtl(const std::filesystem::path& folder);
/// What foreign_rtl() gave as a line of text, in a record's title and provenance, and in a result's JSON; nothing for
/// null.
std::string foreign_rtl_text(const nlohmann::ordered_json& rtl);
void note_rtl(const nlohmann::ordered_json& rtl, reports::Record& record);
void note_rtl(const nlohmann::ordered_json& rtl, nlohmann::ordered_json& object);

/// Reads NAME=N,... Throws std::invalid_argument for a name that is not among `names`, and for a number that is not in
/// least..most.
std::map<std::string, std::size_t> named_numbers(const std::string& text, const std::vector<std::string>& names,
                                                 std::size_t most, std::size_t least = 1);

/// What --clock-mhz takes.
inline constexpr double kLeastMhz = 1e-3, kMostMhz = 1e6;

}  // namespace subbyte::sim
