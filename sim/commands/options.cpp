#include "sim/commands/options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/program_options.hpp>
#include <climits>
#include <iostream>
#include <sstream>

#include "quant/base/suggestion.hpp"
#include "sim/base/file_roles.hpp"
#include "sim/base/stray_word.hpp"

namespace subbyte::sim {
namespace {

namespace po = boost::program_options;

constexpr unsigned kHelpColumns = 100;
constexpr const char* kStray = "word without an option";
constexpr int kShared = 2;  ///< options that every command has, declared first and printed last

po::value_semantic* semantic_of(const Option& option) {
  if (option.kind == Option::Kind::kFlag) return po::bool_switch();
  if (option.kind == Option::Kind::kRepeated)
    return po::value<std::vector<std::string>>()->composing()->value_name(option.value_name);
  auto* value = po::value<std::string>();
  if (option.kind == Option::Kind::kOptionalValue)
    return value->implicit_value("", "")->value_name("[" + option.value_name + "]");
  if (option.kind == Option::Kind::kFlagOrFile) return value->value_name("[" + option.value_name + "]");
  value->value_name(option.value_name);
  return option.default_text.empty() ? value : value->default_value(option.default_text);
}

/// Takes "--codes" and, where it is a file, the next word. The values of other options are consumed before this sees
/// them, so that a word without dashes is the argument without a name; but Boost asks for each value, alone, whether it
/// is an option.
class FileOrFlag {
 public:
  FileOrFlag(const std::deque<Option>& options, std::string suffix, Arguments args)
      : options_(options), suffix_(std::move(suffix)) {
    for (const Option& option : options_) {
      if (option.positional == 0) continue;
      named_ = std::ranges::any_of(args, [&](const std::string& arg) { return arg.starts_with("--" + option.name); });
    }
  }

  std::vector<po::option> operator()(std::vector<std::string>& args) {
    if (args.size() > 1 && !args[0].starts_with('-')) named_ = true;
    const auto option = std::ranges::find_if(options_, [&](const Option& each) {
      return each.kind == Option::Kind::kFlagOrFile && args[0] == "--" + each.name;
    });
    if (option == options_.end()) return {};
    const bool file = args.size() > 1 && !args[1].starts_with('-') && (named_ || args[1].ends_with(suffix_));
    po::option found(option->name, {file ? args[1] : ""});
    args.erase(args.begin(), args.begin() + (file ? 2 : 1));
    return {found};
  }

 private:
  const std::deque<Option>& options_;
  std::string suffix_;
  bool named_ = false;  ///< the argument without a name has been seen
};

std::string syntax_text(const po::invalid_syntax& error) {
  switch (error.kind()) {
    case po::invalid_syntax::missing_parameter:
      return "has no value, expected one after it";
    case po::invalid_syntax::empty_adjacent_parameter:
      return "has nothing after its equals sign, expected a value there";
    case po::invalid_syntax::extra_parameter:
      return "takes no value, expected the option alone";
    default:
      return std::string("is not understood: ") + error.what();
  }
}

std::string command_of(const std::string& usage) { return usage.substr(0, usage.find(' ')); }

[[noreturn]] void refuse_as_ours(const std::string& usage, const std::vector<std::string>& names) {
  try {
    throw;
  } catch (const po::unknown_option& error) {
    throw InputError("", error.get_option_name(),
                     fmt::format("is not an option of `subbyte {}`; {}", command_of(usage),
                                 quant::suggestion(error.get_option_name(), names)));
  } catch (const po::multiple_occurrences& error) {
    throw InputError("", error.get_option_name(), "is given several times, expected once");
  } catch (const po::invalid_syntax& error) {
    throw InputError("", error.get_option_name(), syntax_text(error));
  } catch (const po::error& error) {
    throw InputError("", "", error.what());
  }
}

std::string pattern_of(const std::string& place, const std::string& word) {
  if (word.empty()) throw InputError("", place, "is empty, expected a shell pattern, for example 'model.layers.0.*'");
  return word;
}

}  // namespace

Option& Option::required(std::string what) {
  expected = std::move(what);
  return *this;
}

Option& Option::without_name() {
  positional = kind == Kind::kRepeated ? -1 : 1;
  return *this;
}

Options::Options(std::string usage, bool& json) : usage_(std::move(usage)) {
  flag("json", json, "Print one JSON object on standard output, and nothing else there.");
  flag("help,h", help_, "Print this help.");
}

Option& Options::add(const std::string& spec, std::string help, std::string default_text, ReadWord read) {
  const std::size_t blank = spec.find(' ');
  const std::string value_name = blank == std::string::npos ? "" : spec.substr(blank + 1);
  Option option{Option::Kind::kValue, spec.substr(0, blank), value_name, std::move(help), std::move(default_text)};
  option.read = [read = std::move(read)](const std::vector<std::string>& words) { read(words.front()); };
  return options_.emplace_back(std::move(option));
}

Option& Options::flag(const std::string& name, bool& field, std::string help) {
  Option& option = add(name, std::move(help), "", [&field](const std::string&) { field = true; });
  option.kind = Option::Kind::kFlag;
  return option;
}

Option& Options::pattern(const std::string& spec, std::string& field, std::string help) {
  return add(spec, std::move(help), field,
             [&field, place = place_of(spec)](const std::string& word) { field = pattern_of(place, word); });
}

Option& Options::pattern(const std::string& spec, std::optional<std::string>& field, std::string help) {
  return add(spec, std::move(help), "",
             [&field, place = place_of(spec)](const std::string& word) { field = pattern_of(place, word); });
}

Option& Options::repeated(const std::string& spec, std::vector<std::string>& field, std::string help) {
  Option& option = add(spec, std::move(help), "", {});
  option.kind = Option::Kind::kRepeated;
  option.read = [&field, place = place_of(spec)](const auto& words) { field = each_once(place, words); };
  return option;
}

Option& Options::optional_value(const std::string& spec, std::optional<std::string>& field, std::string help) {
  Option& option = value(spec, field, std::move(help));
  option.kind = Option::Kind::kOptionalValue;
  return option;
}

Option& Options::file_or_flag(const std::string& spec, std::optional<std::string>& field, const std::string& suffix,
                              std::string help) {
  Option& option = value(spec, field, std::move(help));
  option.kind = Option::Kind::kFlagOrFile;
  file_suffix_ = suffix;
  return option;
}

void Options::look_up_unless_given(Option& option, const std::string& default_word) {
  defaults_.emplace_back(&option, default_word);
}

bool Options::parse(Arguments args) {
  po::options_description described;
  po::positional_options_description positional;
  for (const Option& option : options_) {
    described.add_options()(option.name.c_str(), semantic_of(option), option.help.c_str());
    if (option.positional != 0) positional.add(option.name.c_str(), option.positional);
  }
  described.add_options()(kStray, po::value<std::vector<std::string>>());
  if (positional.max_total_count() != UINT_MAX) positional.add(kStray, -1);
  po::variables_map values;
  try {
    constexpr int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
    po::command_line_parser parser(std::vector<std::string>(args.begin(), args.end()));
    parser.options(described).positional(positional).style(style);
    if (!file_suffix_.empty()) parser.extra_style_parser(FileOrFlag(options_, file_suffix_, args));
    po::store(parser.run(), values);
  } catch (const po::error&) {
    refuse_as_ours(usage_, names());
  }
  if (values["help"].as<bool>()) return print_help();
  if (values.contains(kStray)) throw stray_word(usage_, values[kStray].as<std::vector<std::string>>().front(), names());
  for (Option& option : options_) {
    const po::variable_value& value = values[option.name.substr(0, option.name.find(','))];
    option.given = !value.empty() && !value.defaulted();
    if (!option.given && !option.expected.empty())
      throw InputError("", "--" + option.name, "is missing, expected " + option.expected);
  }
  const auto words_of = [&](const Option& option) -> std::vector<std::string> {
    const po::variable_value& value = values[option.name.substr(0, option.name.find(','))];
    if (option.kind == Option::Kind::kRepeated) return value.as<std::vector<std::string>>();
    return {option.kind == Option::Kind::kFlag ? "" : value.as<std::string>()};
  };
  plan_outputs(words_of);
  for (const Option& option : options_)
    if (option.given) option.read(words_of(option));
  for (const auto& [option, word] : defaults_)
    if (!option->given) option->read({word});
  return true;
}

/// Before any value is read, because reading one may open a file.
void Options::plan_outputs(const std::function<std::vector<std::string>(const Option&)>& words_of) const {
  start_file_roles();
  for (const Option& option : options_) {
    if (option.given && !option.not_in_json.empty() && options_.front().given)
      throw InputError("", "--" + option.name, "has no effect with --json: " + option.not_in_json);
    if (!option.given || option.writes == Option::Writes::kNothing) continue;
    const bool may_be_empty = option.kind == Option::Kind::kFlagOrFile || option.kind == Option::Kind::kOptionalValue;
    for (const std::string& path : words_of(option)) {
      if (path.empty() && may_be_empty) continue;
      if (path.empty()) throw InputError("", "--" + option.name, "is empty, expected a path to write to");
      plan_output(path, "--" + option.name, option.writes == Option::Writes::kUpdate);
      if (options_.front().given && text_moved())
        throw InputError(path, "--" + option.name, "is standard output, which --json takes");
    }
  }
}

bool Options::print_help() const {
  po::options_description described("Options", kHelpColumns, kHelpColumns / 2);
  const auto describe = [&](const Option& option) {
    described.add_options()(option.name.c_str(), semantic_of(option), option.help.c_str());
  };
  std::for_each(options_.begin() + kShared, options_.end(), describe);
  std::for_each(options_.begin(), options_.begin() + kShared, describe);
  std::stringstream text;
  text << described;
  std::cout << "Usage: subbyte " << usage_ << "\n\n";
  for (std::string line; std::getline(text, line);)  // Boost leaves blanks where it breaks a line
    std::cout << line.substr(0, line.find_last_not_of(' ') + 1) << "\n";
  std::cout << notes_;
  return false;
}

bool Options::given(std::string_view name) const {
  const auto option = std::ranges::find(options_, name, &Option::name);
  if (option == options_.end()) throw std::logic_error(fmt::format("no option --{} was declared", name));
  return option->given;
}

void Options::refuse(Names names, const std::string& why) const {
  for (const std::string_view name : names)
    if (given(name)) throw InputError("", fmt::format("--{}", name), why);
}

void Options::excludes(Names names, std::string_view other, const std::string& expected) const {
  if (given(other)) refuse(names, fmt::format("is given with --{}, {}", other, expected));
}

void Options::effective(Names names, bool effective, const std::string& expected) const {
  if (!effective) refuse(names, fmt::format("has no effect here, expected {}", expected));
}

void Options::needs(Names names, Names others) const {
  if (std::ranges::any_of(others, [&](std::string_view other) { return given(other); })) return;
  refuse(names, fmt::format("is given without --{}, expected {} beside it", fmt::join(others, " and --"),
                            others.size() == 1 ? fmt::format("--{}", *others.begin()) : "one of them"));
}

void Options::one_of(std::string_view name, std::string_view other) const {
  excludes({name}, other);
  if (!given(name) && !given(other))
    throw InputError("", fmt::format("--{}", name), fmt::format("is missing, expected it or --{}", other));
}

std::vector<std::string> Options::names() const {
  std::vector<std::string> names;
  for (const Option& option : options_) names.push_back("--" + option.name.substr(0, option.name.find(',')));
  std::ranges::rotate(names, names.begin() + kShared);
  return names;
}

std::string Options::place_of(const std::string& spec) { return "--" + spec.substr(0, spec.find(' ')); }

std::vector<std::string> Options::parts_of(const std::string& place, const std::string& word) {
  if (word.empty()) throw InputError("", place, "is empty, expected values separated by commas");
  return comma_list(word);
}

std::size_t Options::place_among(const std::string& place, const std::string& word,
                                 const std::vector<std::string>& words) {
  const auto found = std::ranges::find(words, word);
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  const std::span all(words);
  throw InputError(
      "", place,
      fmt::format("is '{}', expected {} or {}", word, fmt::join(all.first(all.size() - 1), ", "), words.back()));
}

}  // namespace subbyte::sim
