// What every command shares: option parsing, JSON output, the nearest name.
#include "sim/command.hpp"

#include <algorithm>
#include <iostream>
#include <limits>
#include <numeric>

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

std::string nearest_name(std::string_view name, std::span<const std::string> names) {
  std::string best;
  std::size_t best_distance = std::numeric_limits<std::size_t>::max();
  for (const std::string& candidate : names) {
    std::vector<std::size_t> row(candidate.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < name.size(); ++i) {
      std::size_t diagonal = row[0];
      row[0] = i + 1;
      for (std::size_t j = 0; j < candidate.size(); ++j) {
        const std::size_t substituted = diagonal + (name[i] == candidate[j] ? 0 : 1);
        diagonal = row[j + 1];
        row[j + 1] = std::min({substituted, row[j] + 1, row[j + 1] + 1});
      }
    }
    if (row.back() < best_distance) {
      best_distance = row.back();
      best = candidate;
    }
  }
  return best;
}

}  // namespace subbyte::sim
