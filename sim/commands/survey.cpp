// `subbyte survey`: every number format side by side on one model.
#include "sim/llm/survey.hpp"

#include <fmt/format.h>

#include <iostream>
#include <thread>

#include "reports/svg.hpp"
#include "sim/base/file_bytes.hpp"
#include "sim/base/input_error.hpp"
#include "sim/base/output_file.hpp"
#include "sim/checkpoint/open_checkpoint.hpp"
#include "sim/commands/command.hpp"
#include "sim/commands/record_option.hpp"
#include "sim/config/format_file.hpp"
#include "sim/llm/evaluation_text.hpp"

namespace subbyte::sim {
namespace {

namespace po = boost::program_options;

CommandLine survey_line() {
  CommandLine line;
  line.usage =
      "survey [--format F[,F...]] [--model M] [--tokens N] [--markdown FILE] [--into FILE.md] [--plot FILE.svg] [--json]";
  line.options.add_options()                                                                             //
      ("format", po::value<std::string>()->default_value("all"), "formats separated by commas, or all")  //
      ("model", po::value<std::string>()->default_value(std::string(kEmbedded)),
       "a Llama model with its evaluation text")  //
      ("tokens", po::value<std::uint64_t>()->default_value(0),
       "stop after so many predicted tokens; 0: the whole text")       //
      ("markdown", po::value<std::string>(), "the table as Markdown")  //
      ("into", po::value<std::string>(),
       "a Markdown file whose text between <!-- survey --> and <!-- /survey --> becomes the table")  //
      ("plot", po::value<std::string>(), "loss against bits per weight as an SVG picture");
  add_record_option(line.options);
  line.notes =
      "Per format: bits per weight, QSNR on Gaussian and Student-t samples and on the model's weights, the model's loss with\n"
      "all linear layers quantized (exact dot products, weights only), and whether any format has fewer bits and less loss.\n"
      "Example: subbyte survey --format int4,bitmod-fp4,mxfp4,nvfp4\n"
      "JSON: the record, as --record writes it\n";
  return line;
}

std::vector<std::string> chosen_formats(const std::string& text) {
  if (text == "all") return survey_formats();
  std::vector<std::string> ids;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    ids.push_back(text.substr(begin, end - begin));
    read_format(ids.back());
    begin = end + 1;
  }
  return ids;
}

/// Throws InputError when the file has not both marks, in order.
void replace_between_marks(const std::string& path, const std::string& table) {
  constexpr std::string_view begin_mark = "<!-- survey -->\n";
  constexpr std::string_view end_mark = "<!-- /survey -->";
  const FileBytes file = FileBytes::map(path);
  std::string text(file.all().begin(), file.all().end());
  const std::size_t begin = text.find(begin_mark);
  const std::size_t end = begin == std::string::npos ? begin : text.find(end_mark, begin);
  if (end == std::string::npos)
    throw InputError(path, "--into", "has no text between <!-- survey --> and <!-- /survey -->, expected both marks");
  const std::size_t first = begin + begin_mark.size();
  text.replace(first, end - first, "\n" + table + "\n");
  write_atomically(path, text);
}

std::vector<TokenSequence> sequences_of(const LlamaForward& forward, std::size_t tokens) {
  const std::string text = text_beside(forward.model().path());
  if (text.empty()) {
    throw InputError(forward.model().path(), "--model",
                     "no validation.npy beside the model, expected one; `evaluate --text` takes any text");
  }
  SequenceOptions options;
  options.context = forward.config().context;
  options.vocabulary = forward.config().vocab;
  options.max_tokens = tokens;
  return read_sequences(text, nullptr, options);
}

}  // namespace

int run_survey_command(Arguments args) {
  const auto options = parse_options(args, survey_line());
  if (!options) return kDone;
  const auto formats = chosen_formats((*options)["format"].as<std::string>());
  const Checkpoint model = open_checkpoint((*options)["model"].as<std::string>());
  EvaluateOptions run;
  run.arithmetic.threads = std::max(1U, std::thread::hardware_concurrency());
  const LlamaForward forward(model, run.arithmetic.threads);
  const auto sequences = sequences_of(forward, (*options)["tokens"].as<std::uint64_t>());
  std::size_t step = 0;
  const Survey survey = run_survey(forward, sequences, formats, run, [&](const std::string& format) {
    std::cerr << fmt::format("[{}/{}] {}\n", ++step, formats.size() + 1, format);
  });
  const reports::Record record = survey_record(survey);
  write_record(*options, record);
  if (options->count("markdown") != 0)
    write_atomically((*options)["markdown"].as<std::string>(), markdown(record.tables[0]));
  if (options->count("into") != 0)
    replace_between_marks((*options)["into"].as<std::string>(), markdown(record.tables[0]));
  if (options->count("plot") != 0)
    write_atomically((*options)["plot"].as<std::string>(),
                     reports::scatter_picture(record.scatters[0], record.tables[0]));
  if ((*options)["json"].as<bool>()) {
    print_json(reports::to_json(record));
  } else {
    std::cout << reports::terminal(record.tables[0]);
  }
  return kDone;
}

}  // namespace subbyte::sim
