// What every command shares: option parsing, JSON output.
#include "sim/command.hpp"

#include <iostream>

namespace subbyte::sim {
namespace po = boost::program_options;

std::optional<po::variables_map> parse_options(Arguments args, CommandLine line) {
  line.options.add_options()("json", po::bool_switch(),
                             "print one JSON object on stdout and nothing else there");
  line.options.add_options()("help,h", po::bool_switch(), "print this help");
  const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
  po::variables_map values;
  const std::vector<std::string> words(args.begin(), args.end());
  po::store(
      po::command_line_parser(words).options(line.options).positional(line.positional).style(style).run(),
      values);
  if (values["help"].as<bool>()) {
    std::cout << "Usage: subbyte " << line.usage << "\n\n" << line.options;
    if (!line.notes.empty()) std::cout << "\n" << line.notes;
    return std::nullopt;
  }
  po::notify(values);
  return values;
}

void print_json(const nlohmann::ordered_json& object) {
  std::cout << object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << "\n";
}

}  // namespace subbyte::sim
