// What every command shares: option parsing, JSON output.
#include "sim/commands/command.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <filesystem>
#include <iostream>

#include "sim/base/input_error.hpp"

namespace subbyte::sim {
namespace po = boost::program_options;
namespace {

/// Boost reads "-3" as the unsigned 2^64 - 3.
void refuse_negative_counts(const po::parsed_options& parsed) {
  for (const auto& option : parsed.options) {
    const auto* known = parsed.description->find_nothrow(option.string_key, false);
    if (known == nullptr || option.value.empty() || !option.value[0].starts_with('-')) continue;
    if (dynamic_cast<const po::typed_value<std::uint64_t>*>(known->semantic().get()) == nullptr) continue;
    throw InputError("", "--" + option.string_key,
                     fmt::format("is {}, expected a whole number of at least 0", option.value[0]));
  }
}

}  // namespace

std::optional<po::variables_map> parse_options(Arguments args, CommandLine line) {
  line.options.add_options()("json", po::bool_switch(), "print one JSON object on stdout and nothing else there");
  line.options.add_options()("help,h", po::bool_switch(), "print this help");
  const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
  po::variables_map values;
  const std::vector<std::string> words(args.begin(), args.end());
  const auto parsed =
      po::command_line_parser(words).options(line.options).positional(line.positional).style(style).run();
  refuse_negative_counts(parsed);
  po::store(parsed, values);
  if (values["help"].as<bool>()) {
    std::cout << "Usage: subbyte " << line.usage << "\n\n" << line.options;
    if (!line.notes.empty()) std::cout << "\n" << line.notes;
    return std::nullopt;
  }
  po::notify(values);
  return values;
}

std::string rtl_directory(const po::variables_map& options) {
  if (options.count("rtl-dir") == 0) return {};
  const auto path = options["rtl-dir"].as<std::string>();
  if (!std::filesystem::is_directory(path))
    throw InputError(path, "--rtl-dir", "is not a directory, expected one with SystemVerilog sources");
  return path;
}

void print_json(const nlohmann::ordered_json& object) {
  std::cout << object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << "\n";
}

}  // namespace subbyte::sim
