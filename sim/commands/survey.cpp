// `subbyte survey`: every number format side by side on one model.
#include "sim/llm/survey.hpp"

#include <fmt/format.h>

#include <iostream>

#include "reports/svg.hpp"
#include "reports/text.hpp"
#include "sim/base/file_bytes.hpp"
#include "sim/base/input_error.hpp"
#include "sim/base/output_file.hpp"
#include "sim/base/parallel_for.hpp"
#include "sim/checkpoint/open_checkpoint.hpp"
#include "sim/commands/command.hpp"
#include "sim/commands/common_options.hpp"
#include "sim/config/format_file.hpp"
#include "sim/config/word_list.hpp"
#include "sim/llm/evaluation_text.hpp"

namespace subbyte::sim {
namespace {

std::vector<std::string> chosen_formats(const std::string& text) {
  if (text == "all") return survey_formats();
  std::vector<std::string> ids = comma_list(text);
  if (ids.empty()) throw InputError("", "--format", "is empty, expected formats separated by commas, or all");
  const auto formats = read_each("--format", ids, read_format, describe);  // refused before any work
  std::vector<std::pair<std::string, quant::Format>> named;
  for (std::size_t i = 0; i < ids.size(); ++i) named.emplace_back(ids[i], formats[i]);
  check_told_apart(named);
  return ids;
}

struct SurveyCommand {
  std::vector<std::string> formats;
  std::string model{kEmbedded};
  TextChoice text;
  std::optional<std::string> markdown, into, plot, record;
  bool json = false, verbose = false;
};

constexpr const char* kNotes = R"(
Each format is shown with its bits per weight, its QSNR on samples of a Gaussian and a Student-t
distribution and on the model's weights, the loss of the model with all linear layers quantized
(exact dot products, weights alone) with the half-width of its 95 % interval, and whether any format
has both fewer bits and less loss. A difference of loss within its half-width does not count there:
of formats that no measurement tells apart the one of fewer bits is on the front, and the others
give way to it.

Example: subbyte survey --format int4,bitmod-fp4,mxfp4,nvfp4

JSON: the record, as --record writes it
)";

std::optional<SurveyCommand> read_options(Arguments args) {
  SurveyCommand command;
  Options options(
      "survey [--format F[,F...]] [--model M] [--text T] [--tokens N]\n"
      "                      [--markdown FILE] [--into FILE.md] [--plot FILE.svg] [--json]",
      command.json);
  options.named("format F,...", command.formats, "all", chosen_formats,
                "Compare these formats, separated by commas, or all of them.");
  options.value("model M", command.model, "Use this Llama model.");
  add_text(options, command.text);
  options.value("tokens N", command.text.tokens, "Stop after this many predicted tokens; 0 stands for the whole text.");
  options.value("markdown FILE", command.markdown, "Write the table as Markdown.").output();
  options
      .value("into FILE", command.into,
             "Put the table into this Markdown file, between <!-- survey --> and <!-- /survey -->.")
      .updated_file();
  options.value("plot FILE", command.plot, "Draw the loss against the bits per weight as an SVG picture.").output();
  add_record(options, command.record);
  add_verbose(options, command.verbose);
  options.notes(kNotes);
  if (!options.parse(args)) return std::nullopt;
  if (command.plot && !command.plot->ends_with(".svg"))
    throw InputError(*command.plot, "--plot", "would hold an SVG picture, expected a name that ends in .svg");
  return command;
}

/// A Markdown file with a place for the table.
struct MarkedFile {
  std::string path, before, after;
};

/// Throws InputError when the file has not both marks, in order.
MarkedFile read_marked(const std::string& path) {
  constexpr std::string_view begin_mark = "<!-- survey -->\n";
  constexpr std::string_view end_mark = "<!-- /survey -->";
  const FileBytes file = FileBytes::map(path);
  const std::string text(file.all().begin(), file.all().end());
  const std::size_t begin = text.find(begin_mark);
  const std::size_t end = begin == std::string::npos ? begin : text.find(end_mark, begin);
  if (end == std::string::npos)
    throw InputError(path, "--into", "has no text between <!-- survey --> and <!-- /survey -->, expected both marks");
  return {path, text.substr(0, begin + begin_mark.size()) + "\n", "\n" + text.substr(end)};
}

}  // namespace

int run_survey_command(Arguments args) {
  const auto command = read_options(args);
  if (!command) return kDone;
  const auto& formats = command->formats;
  const auto marked = command->into ? std::optional(read_marked(*command->into)) : std::nullopt;
  const Checkpoint model = open_checkpoint(command->model);
  EvaluateOptions run;
  run.arithmetic.threads = all_cores();
  const LlamaForward forward(model, run.arithmetic.threads);
  const EvaluationText text = read_evaluation_text(forward, command->model, command->text);
  const Survey survey = run_survey(forward, text.sequences, formats, run);
  reports::Record record = survey_record(survey);
  if (command->text.text) {  // the default text is the model's own, which the table names
    record.provenance["text"] = text.path;
    if (!text.tokenizer.empty()) record.provenance["tokenizer"] = text.tokenizer;
    record.tables[0].note += "\nText: " + text.path + ".";
  }
  write_record(command->record, record);
  if (command->markdown) write_atomically(*command->markdown, markdown(record.tables[0]));
  if (marked) write_atomically(marked->path, marked->before + markdown(record.tables[0]) + marked->after);
  if (command->plot) write_atomically(*command->plot, reports::scatter_picture(record.scatters[0], record.tables[0]));
  if (command->json) {
    print_json(reports::to_json(record));
  } else {
    std::cout << reports::terminal(record.tables[0], command->verbose);
  }
  return kDone;
}

}  // namespace subbyte::sim
