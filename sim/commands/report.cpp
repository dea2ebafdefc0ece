// `subbyte report`: result records of other commands to one HTML page, or to the terminal.
#include <fmt/format.h>

#include <iostream>

#include "reports/text.hpp"
#include "sim/base/file_roles.hpp"
#include "sim/base/input_error.hpp"
#include "sim/base/output_file.hpp"
#include "sim/commands/command.hpp"
#include "sim/commands/common_options.hpp"

namespace subbyte::sim {
namespace {

struct ReportCommand {
  std::vector<std::string> records;
  std::optional<std::string> out;
  std::string title = "Subbyte report";
  bool json = false, verbose = false;
};

constexpr const char* kNotes = R"(
The page opens with a verdict: which format to choose, and what each loses and costs. It joins the
losses of evaluate or survey with the costs of sweep or of `simulate --layers all --energy`, by the
format; docs/reading-a-report.md has its rules. What is missing for it is said there.

A record is what quantize, evaluate, survey, simulate, synth, energy and reproduce write with
--record FILE, the record.json of `synth --out`, and the .json of a sweep. The HTML page needs no
network. Without --out the tables are printed in the terminal.

JSON:
  {"out": PATH or null, "records": [record, ...]}
A record is
  {"title", "kind": the command, "provenance": {...},
   "metrics": [{"name","quantity","unit","value": number or null,"source"}],
     where a metric may have its "half_width" and its "basis", a list of "timed" and "scaled",
   "tables": [{"title","columns":[{"name","unit","source","digits"}],"rows":[[cell, ...]],"note"}]}
and has charts, each with "title", "table" (its place in the list) and columns by their place:
   "scatters": [{"x","y","series","mark","label","log_x","log_y","join":
                none|series|marked|front, and maybe "size","half_x","half_y","floor_y"}],
   "bars": [{"category","values":[...],"stacked","log"}],
   "treemaps": [{"name","value","group": column or null}],
   "rooflines": [{"name","intensity","attained","peak","bandwidth","design"}]
)";

std::optional<ReportCommand> read_options(Arguments args) {
  ReportCommand command;
  Options options("report RECORD.json ... [--out REPORT.html] [--title T] [--json]", command.json);
  options
      .repeated("records FILE", command.records,
                "Show these result records, in this order. The option's name may be left out.")
      .required("at least one RECORD.json, which other commands write with --record")
      .without_name();
  options.value("out FILE", command.out, "Write one HTML page that holds everything.").output();
  options.value("title TEXT", command.title, "Give the page this title.");
  add_verbose(options, command.verbose);
  options.notes(kNotes);
  if (!options.parse(args)) return std::nullopt;
  options.needs({"title"}, {"out"});
  options.excludes({"verbose"}, "out", "whose page has every source and footnote");
  return command;
}

std::string broken_json(const std::string& text, std::size_t byte) {
  if (text.empty()) return "is empty, expected a result record (JSON)";
  const std::string rest = byte > text.size() ? "the file ends" : "the text is no JSON from";
  return rest + " here, expected a result record (JSON), which the commands write whole: it was cut off or edited";
}

reports::Record read_record(const std::string& path) {
  const std::string text = text_of_input(path, "a result record (JSON)");
  try {
    const nlohmann::json record = nlohmann::json::parse(text);
    if (!record.is_object())
      throw InputError(path, "",
                       fmt::format("is no result record: it holds {} ({}), expected an object",
                                   record.dump().substr(0, 20), record.type_name()));
    return reports::record_from_json(record);
  } catch (const nlohmann::json::parse_error& error) {
    const std::size_t offset = error.byte == 0 ? 0 : error.byte - 1;  // it counts from 1
    throw InputError(path, place_in_text(text, offset), broken_json(text, error.byte));
  } catch (const nlohmann::json::exception&) {
    throw InputError(path, "", "is no result record: a value is of another type than expected");
  } catch (const std::invalid_argument& error) {
    throw InputError(path, "", error.what());
  }
}

}  // namespace

int run_report(Arguments args) {
  const auto command = read_options(args);
  if (!command) return kDone;
  std::vector<reports::Record> records;
  for (const std::string& path : command->records) records.push_back(read_record(path));

  if (command->out) {
    write_atomically(*command->out, reports::html(command->title, records));
    if (!command->json)
      std::cout << fmt::format("{}: {} {}\n", *command->out, records.size(),
                               records.size() == 1 ? "record" : "records");
  } else if (!command->json) {
    for (const reports::Record& record : records) std::cout << reports::terminal(record, command->verbose) << "\n";
  }
  if (command->json) {
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    for (const reports::Record& record : records) all.emplace_back(reports::to_json(record));
    print_json(
        {{"out", command->out ? nlohmann::ordered_json(*command->out) : nlohmann::ordered_json()}, {"records", all}});
  }
  return kDone;
}

}  // namespace subbyte::sim
