// `subbyte reproduce`: published figures beside ours.
#include "sim/reproduce/reproduce.hpp"

#include <fmt/format.h>

#include <iostream>
#include <sstream>

#include "reports/text.hpp"
#include "sim/base/input_error.hpp"
#include "sim/commands/command.hpp"
#include "sim/commands/common_options.hpp"

namespace subbyte::sim {
namespace {

constexpr std::size_t kListIndent = 20;
constexpr std::uint64_t kLeastSamples = 4096;
constexpr std::uint64_t kMostSamples = std::uint64_t{1} << 28U;

struct ReproduceCommand {
  const Reproduction* reproduction = nullptr;  ///< nothing: the list
  ReproduceOptions settings;
  std::optional<std::string> record;
  bool json = false, verbose = false;
};

constexpr const char* kNotes = R"(
Every row of the result has the published figure, ours, their difference, the tolerance and a
verdict. Rows without a tolerance are for information. The exit status is 1 when a judged figure
differs or is missing.

JSON:
  {"reproduction","agrees","judges","record": record}, and of the list
  {"reproductions":[{"name","summary","source"}]}

Reproductions:
)";

/// "name: summary [source]" on lines of at most 100 columns, each further line set in.
std::string list_text() {
  constexpr std::size_t kColumns = 100;
  std::string text;
  for (const Reproduction& row : reproductions()) {
    std::string line = fmt::format("  {}:", row.name);
    std::istringstream words(fmt::format("{} [{}]", row.summary, row.source));
    for (std::string word; words >> word;) {
      if (line.size() + 1 + word.size() > kColumns) {
        text += line + "\n";
        line = "   ";
      }
      line += " " + word;
    }
    text += line + "\n";
  }
  return text;
}

std::optional<ReproduceCommand> read_options(Arguments args) {
  ReproduceCommand command;
  Options options("reproduce [NAME] [--samples N] [--seed S] [--liberty L]... [--record FILE] [--json]", command.json);
  options
      .named(
          "name NAME", command.reproduction, "", [](const std::string& name) { return &find_reproduction(name); },
          "Reproduce this (the first argument). Without a name the reproductions are listed.")
      .without_name();
  options.value("samples N", command.settings.samples, "Use this many random numbers, or operations, per measurement.",
                {kLeastSamples, kMostSamples});
  options.value("seed N", command.settings.seed, "Draw the random numbers from this seed.");
  options.repeated("liberty FILE", command.settings.libraries,
                   "Take this cell library, a Liberty file or a technology, for a reproduction in hardware. May be "
                   "given several times for `operations`. The default is osu018.");
  add_record(options, command.record);
  add_verbose(options, command.verbose);
  options.notes(kNotes + list_text());
  if (!options.parse(args)) return std::nullopt;
  options.effective({"samples", "seed", "liberty", "record", "verbose"}, command.reproduction != nullptr,
                    "the name of a reproduction");
  if (command.reproduction != nullptr)
    options.effective({"samples"}, command.reproduction->samples,
                      fmt::format("a reproduction that draws samples, which {} does not", command.reproduction->name));
  if (command.reproduction != nullptr)
    options.effective({"seed"}, command.reproduction->draws,
                      fmt::format("a reproduction that draws numbers, which {} does not", command.reproduction->name));
  return command;
}

int list(bool json) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const Reproduction& row : reproductions()) {
    if (!json)
      for (const std::string& line : reports::wrapped(fmt::format("{:<19} {} [{}]", row.name, row.summary, row.source),
                                                      reports::kTerminalColumns, kListIndent))
        std::cout << line << "\n";
    rows.push_back({{"name", row.name}, {"summary", row.summary}, {"source", row.source}});
  }
  if (json) print_json({{"reproductions", rows}});
  return kDone;
}

void check_libraries(const ReproduceCommand& command) {
  const std::size_t given = command.settings.libraries.size();
  if (given <= command.reproduction->most_libraries) return;
  throw InputError("", "--liberty",
                   fmt::format("is given {} times, `reproduce {}` takes {}", given, command.reproduction->name,
                               command.reproduction->most_libraries == 0 ? "none" : "one"));
}

}  // namespace

int run_reproduce(Arguments args) {
  const auto command = read_options(args);
  if (!command) return kDone;
  if (command->reproduction == nullptr) return list(command->json);
  check_libraries(*command);
  const Reproduction& reproduction = *command->reproduction;
  const ReproduceOptions& settings = command->settings;
  Reproduced result = reproduction.run(settings);
  result.record.title = fmt::format("{}: published figures beside ours", reproduction.name);
  result.record.kind = "reproduce";
  result.record.provenance["reproduction"] = reproduction.name;
  result.record.provenance["source"] = reproduction.source;
  if (reproduction.draws) {
    result.record.provenance["samples"] = settings.samples;
    result.record.provenance["seed"] = settings.seed;
  }
  write_record(command->record, result.record);
  if (command->json) {
    print_json({{"reproduction", reproduction.name},
                {"agrees", result.agrees},
                {"judges", result.judges},
                {"record", reports::to_json(result.record)}});
  } else {
    const std::string verdict = !result.agrees       ? "a judged figure differs or is missing"
                                : result.judged == 0 ? "every figure is for information, none is judged"
                                                     : "every judged figure agrees";
    const bool says_what = result.judged > 0 && !result.judges.empty();
    std::cout << reports::terminal(
        result.record, command->verbose,
        fmt::format("\n{}: {}{}", reproduction.name, verdict, says_what ? " (judged: " + result.judges + ")" : ""));
  }
  return result.agrees ? kDone : kDiffers;
}

}  // namespace subbyte::sim
