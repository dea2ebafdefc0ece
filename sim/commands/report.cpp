// `subbyte report`: result records of other commands to one HTML page, or to the terminal.
#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <sstream>

#include "reports/record.hpp"
#include "sim/base/input_error.hpp"
#include "sim/base/output_file.hpp"
#include "sim/commands/command.hpp"

namespace subbyte::sim {
namespace {

namespace po = boost::program_options;

constexpr const char* kFiles = "records";

CommandLine report_line() {
  CommandLine line;
  line.usage = "report RECORD.json ... [--out REPORT.html] [--title T] [--json]";
  line.notes =
      "RECORD.json: what quantize, evaluate, survey, simulate, synth, energy, reproduce write with --record FILE,\n"
      "the record.json of synth --out, the .json of a sweep.\n"
      "With --out, one self-contained HTML page (no network needed); without, tables on the terminal.\n"
      "JSON: {\"out\": PATH or null, \"records\": [record, ...]}\n"
      "record: {\"title\", \"kind\": the command, \"provenance\": {...},\n"
      "  \"metrics\": [{\"name\",\"quantity\",\"unit\",\"value\": number or null,\"source\",\n"
      "    and where known \"half_width\" and \"basis\": [\"timed\" and \"scaled\"]}],\n"
      "  \"tables\": [{\"title\",\"columns\":[{\"name\",\"unit\",\"source\",\"digits\"}],\"rows\":[[cell, ...]],\"note\"}], and charts,\n"
      "  each with \"title\", \"table\" (index of it) and columns by index:\n"
      "  \"scatters\": [{\"x\",\"y\",\"series\",\"mark\",\"label\",\"log_x\",\"log_y\",\"join\": none|series|marked}],\n"
      "  \"bars\": [{\"category\",\"values\":[...],\"stacked\",\"log\"}],\n"
      "  \"treemaps\": [{\"name\",\"value\",\"group\": column or null}],\n"
      "  \"rooflines\": [{\"name\",\"intensity\",\"attained\",\"peak\",\"bandwidth\",\"design\"}]}\n";
  line.options.add_options()(kFiles, po::value<std::vector<std::string>>(),
                             "result records, in the page's order (or without this name)")(
      "out", po::value<std::string>(), "HTML file to write")(
      "title", po::value<std::string>()->default_value("Subbyte report"), "title of the page");
  line.positional.add(kFiles, -1);
  return line;
}

reports::Record read_record(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw InputError(path, "", "cannot be read");
  try {
    return reports::record_from_json(nlohmann::json::parse(file));
  } catch (const nlohmann::json::parse_error& error) {
    throw InputError(path, static_cast<std::uint64_t>(error.byte),
                     "not JSON, expected a result record (" + std::string(error.what()) + ")");
  } catch (const std::invalid_argument& error) {
    throw InputError(path, "", error.what());
  }
}

}  // namespace

int run_report(Arguments args) {
  const auto options = parse_options(args, report_line());
  if (!options) return kDone;
  if (options->count(kFiles) == 0)
    throw po::error("report: expected the RECORD.json files that other commands write with --record");
  std::vector<reports::Record> records;
  for (const std::string& path : (*options)[kFiles].as<std::vector<std::string>>())
    records.push_back(read_record(path));

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
    print_json({{"out", options->count("out") != 0 ? nlohmann::ordered_json((*options)["out"].as<std::string>())
                                                   : nlohmann::ordered_json()},
                {"records", all}});
  }
  return kDone;
}

}  // namespace subbyte::sim
