// `subbyte report`: result records of other commands to one HTML page, or to the terminal.
#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <sstream>

#include "reports/record.hpp"
#include "sim/command.hpp"
#include "sim/input_error.hpp"
#include "sim/output_file.hpp"

namespace subbyte::sim {
namespace {

namespace po = boost::program_options;

CommandLine report_line() {
  CommandLine line;
  line.usage = "report RECORD.json ... [--out REPORT.html] [--title T] [--json]";
  line.notes =
      "Records are what quantize, simulate, verify, synth write with --record FILE, and the .json of a sweep.\n"
      "With --out, one self-contained HTML page (no network needed); without, tables on the terminal.\n"
      "JSON: {\"out\": PATH or null, \"records\": [record, ...]}\n";
  line.options.add_options()("record", po::value<std::vector<std::string>>()->required(), "result records, in the page's order")(
      "out", po::value<std::string>(), "HTML file to write")("title", po::value<std::string>()->default_value("Subbyte report"),
                                                             "title of the page");
  line.positional.add("record", -1);
  return line;
}

reports::Record read_record(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw InputError(path, "", "cannot be read");
  try {
    return reports::record_from_json(nlohmann::json::parse(file));
  } catch (const nlohmann::json::parse_error& error) {
    throw InputError(path, static_cast<std::uint64_t>(error.byte), "not JSON, expected a result record (" + std::string(error.what()) + ")");
  } catch (const std::invalid_argument& error) {
    throw InputError(path, "", error.what());
  }
}

}  // namespace

int run_report(Arguments args) {
  const auto options = parse_options(args, report_line());
  if (!options) return kDone;
  std::vector<reports::Record> records;
  for (const std::string& path : (*options)["record"].as<std::vector<std::string>>()) records.push_back(read_record(path));

  const bool json = (*options)["json"].as<bool>();
  if (options->count("out") != 0) {
    const std::string out = (*options)["out"].as<std::string>();
    write_atomically(out, reports::html((*options)["title"].as<std::string>(), records));
    if (!json) std::cout << fmt::format("{}: {} records\n", out, records.size());
  } else if (!json) {
    for (const reports::Record& record : records) std::cout << reports::terminal(record) << "\n";
  }
  if (json) {
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    for (const reports::Record& record : records) all.emplace_back(reports::to_json(record));
    print_json({{"out", options->count("out") != 0 ? nlohmann::ordered_json((*options)["out"].as<std::string>()) : nlohmann::ordered_json()},
                {"records", all}});
  }
  return kDone;
}

}  // namespace subbyte::sim
