// `subbyte reproduce`: published figures beside ours.
#include "sim/reproduce/reproduce.hpp"

#include <fmt/format.h>

#include <iostream>

#include "sim/base/input_error.hpp"
#include "sim/commands/command.hpp"
#include "sim/commands/record_option.hpp"

namespace subbyte::sim {
namespace {

namespace po = boost::program_options;

constexpr std::uint64_t kLeastSamples = 4096;
constexpr std::uint64_t kMostSamples = std::uint64_t{1} << 28U;

CommandLine reproduce_line() {
  const ReproduceOptions defaults;
  CommandLine line;
  line.usage = "reproduce [NAME] [--samples N] [--seed S] [--liberty FILE]... [--record FILE] [--json]";
  line.options.add_options()("name", po::value<std::string>(), "what to reproduce; without it: the list")(
      "samples", po::value<std::uint64_t>()->default_value(defaults.samples),
      "random numbers, or operations, per measurement")(
      "seed", po::value<std::uint64_t>()->default_value(defaults.seed), "seed of the random numbers")(
      "liberty", po::value<std::vector<std::string>>()->composing(),
      "of those in hardware: a cell library, file or technology; may be repeated for `operations`; default: osu018");
  line.positional.add("name", 1);
  add_record_option(line.options);
  line.notes =
      "Every row has the published figure, ours, their difference, the tolerance and a verdict. Rows without "
      "a tolerance are for\n"
      "information. Exit 1 when a judged figure differs or is missing.\n"
      "JSON: {\"reproduction\",\"agrees\",\"judges\",\"record\":record}; the list: "
      "{\"reproductions\":[{\"name\",\"summary\",\"source\"}]}\n"
      "Reproductions:\n";
  for (const Reproduction& row : reproductions())
    line.notes += fmt::format("  {}: {} [{}]\n", row.name, row.summary, row.source);
  return line;
}

int list(bool json) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const Reproduction& row : reproductions()) {
    if (!json) std::cout << fmt::format("{:<24} {} [{}]\n", row.name, row.summary, row.source);
    rows.push_back({{"name", row.name}, {"summary", row.summary}, {"source", row.source}});
  }
  if (json) print_json({{"reproductions", rows}});
  return kDone;
}

ReproduceOptions read_options(const Reproduction& reproduction, const po::variables_map& options) {
  ReproduceOptions result;
  const auto samples = options["samples"].as<std::uint64_t>();
  if (samples < kLeastSamples || samples > kMostSamples) {
    throw InputError("", "--samples", fmt::format("is {}, expected {}..{}", samples, kLeastSamples, kMostSamples));
  }
  result.samples = samples;
  result.seed = options["seed"].as<std::uint64_t>();
  if (options.count("liberty") != 0) result.libraries = options["liberty"].as<std::vector<std::string>>();
  if (result.libraries.size() > reproduction.most_libraries) {
    throw InputError("", "--liberty",
                     fmt::format("is given {} times, `reproduce {}` takes {}", result.libraries.size(),
                                 reproduction.name, reproduction.most_libraries == 0 ? "none" : "one"));
  }
  return result;
}

}  // namespace

int run_reproduce(Arguments args) {
  const auto options = parse_options(args, reproduce_line());
  if (!options) return kDone;
  const bool json = (*options)["json"].as<bool>();
  if (options->count("name") == 0) return list(json);
  const Reproduction& reproduction = find_reproduction((*options)["name"].as<std::string>());
  const ReproduceOptions settings = read_options(reproduction, *options);
  Reproduced result = reproduction.run(settings);
  result.record.title = fmt::format("{}: published figures beside ours", reproduction.name);
  result.record.kind = "reproduce";
  result.record.provenance["reproduction"] = reproduction.name;
  result.record.provenance["source"] = reproduction.source;
  result.record.provenance["samples"] = settings.samples;
  result.record.provenance["seed"] = settings.seed;
  write_record(*options, result.record);
  if (json) {
    print_json({{"reproduction", reproduction.name},
                {"agrees", result.agrees},
                {"judges", result.judges},
                {"record", reports::to_json(result.record)}});
  } else {
    std::cout << reports::terminal(result.record)
              << fmt::format("\n{}: {}{}\n", reproduction.name,
                             !result.agrees       ? "a judged figure differs or is missing"
                             : result.judged == 0 ? "every figure is for information, none is judged"
                                                  : "every judged figure agrees",
                             result.judged > 0 && !result.judges.empty() ? " (judged: " + result.judges + ")" : "");
  }
  return result.agrees ? kDone : kDiffers;
}

}  // namespace subbyte::sim
