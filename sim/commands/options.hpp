// The options of a command, declared once: each is bound to a field of the command's own struct, which parse() fills.
// Boost.Program_options does the parsing, and no file but options.cpp knows it.
#pragma once

#include <deque>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "sim/base/input_error.hpp"
#include "sim/base/lists.hpp"
#include "sim/base/words.hpp"
#include "sim/config/config.hpp"
#include "sim/config/word_list.hpp"

namespace subbyte::sim {

/// The arguments after the command's name.
using Arguments = std::span<const std::string>;

/// One option as it was declared. `read` stores the words of the command line into the bound field.
struct Option {
  enum class Kind { kFlag, kValue, kRepeated, kOptionalValue, kFlagOrFile };

  Kind kind = Kind::kValue;
  std::string name, value_name, help;
  std::string default_text = {};
  std::function<void(const std::vector<std::string>& words)> read = {};
  std::string expected = {};  ///< of a required option: what to give
  int positional = 0;         ///< words that may stand without the option's name; -1: all
  bool given = false;
  enum class Writes { kNothing, kFile, kUpdate } writes = Writes::kNothing;
  std::string not_in_json = {};  ///< why parse() refuses it beside --json; empty: it does not

  /// parse() throws when it is not given: "--out: is missing, expected " + what.
  Option& required(std::string what);
  /// The value may also stand without the option's name; of a repeated option, all of them.
  Option& without_name();
  /// The value is a file or folder that the command writes: parse() refuses it where it is also another output or a
  /// file that the command reads (sim/base/file_roles.hpp), and where it is "".
  Option& output() { return written(Writes::kFile); }
  /// The value is a file that the command reads and then writes with its other content kept.
  Option& updated_file() { return written(Writes::kUpdate); }
  /// The option shapes the text alone: parse() refuses it beside --json, with `why`.
  Option& of_text(std::string why) {
    not_in_json = std::move(why);
    return *this;
  }
  Option& written(Writes how) {
    writes = how;
    return *this;
  }
};

/// Every method that declares an option takes its name and what its value is called in the help ("seed N"), the bound
/// field, whose content is the default, and a help text of whole sentences. The fields must outlive parse().
class Options {
 public:
  /// `usage` is the synopsis after "subbyte"; its first word is the command's name. Declares --json and --help.
  Options(std::string usage, bool& json);

  Option& flag(const std::string& name, bool& field, std::string help);

  /// `expected` stands in the error text in place of the range.
  template <Word T>
  Option& value(const std::string& spec, T& field, std::string help, std::type_identity_t<Range<T>> range = {},
                const std::string& expected = "") {
    return add(spec, std::move(help), word_of(field),
               [&field, place = place_of(spec), range, expected](const std::string& word) {
                 field = read_word<T>(place, word, range, expected);
               });
  }
  /// Adds an option with a value that has no default.
  template <Word T>
  Option& value(const std::string& spec, std::optional<T>& field, std::string help,
                std::type_identity_t<Range<T>> range = {}, const std::string& expected = "") {
    return add(spec, std::move(help), "", [&field, place = place_of(spec), range, expected](const std::string& word) {
      field = read_word<T>(place, word, range, expected);
    });
  }
  /// Values separated by commas, at least one and each once. No default is shown when the field is empty.
  template <Word T>
  Option& list(const std::string& spec, std::vector<T>& field, std::string help,
               std::type_identity_t<Range<T>> range = {}) {
    std::string shown;
    for (const T& item : field) shown += (shown.empty() ? "" : ",") + word_of(item);
    return add(spec, std::move(help), shown, [&field, place = place_of(spec), range](const std::string& word) {
      field = read_each(
          place, parts_of(place, word), [&](const std::string& part) { return read_word<T>(place, part, range); },
          [](const T& item) { return word_of(item); });
    });
  }
  /// A name that stands for something: `look_up` gives what it stands for, or throws; an std::invalid_argument without
  /// a place gets the option's (at_option). The word of the default is shown, and looked up when the option is not
  /// given.
  template <typename T, typename F>
  Option& named(const std::string& spec, T& field, const std::string& default_word, F look_up, std::string help) {
    Option& option =
        add(spec, std::move(help), default_word, [&field, look_up, place = place_of(spec)](const std::string& word) {
          field = at_option(place, [&] { return look_up(word); });
        });
    if (!default_word.empty()) look_up_unless_given(option, default_word);
    return option;
  }
  /// One of a few words, each of which stands for a value of the field.
  template <typename T>
  Option& choice(const std::string& spec, T& field, std::vector<std::pair<std::string, T>> choices, std::string help) {
    std::string shown;
    std::vector<std::string> words;
    for (const auto& [word, value] : choices) {
      if (value == field) shown = word;
      words.push_back(word);
    }
    return add(spec, std::move(help), shown, [&field, place = place_of(spec), choices, words](const std::string& word) {
      field = choices[place_among(place, word, words)].second;
    });
  }
  /// A shell pattern (shell_match) over names; an empty one is refused.
  Option& pattern(const std::string& spec, std::string& field, std::string help);
  Option& pattern(const std::string& spec, std::optional<std::string>& field, std::string help);
  /// An option that may be given several times, with another value, or another file, each time.
  Option& repeated(const std::string& spec, std::vector<std::string>& field, std::string help);
  /// A value that may be left out; else it is the next word, if that is no option. Left out, the field is "".
  Option& optional_value(const std::string& spec, std::optional<std::string>& field, std::string help);
  /// A file that may be left out. The next word is taken for the file when it cannot be the command's argument without
  /// a name: that one is named elsewhere, or the word ends in `suffix`. Left out, the field is "".
  Option& file_or_flag(const std::string& spec, std::optional<std::string>& field, const std::string& suffix,
                       std::string help);
  /// Text that follows the options in the help: an empty line, then lines of at most 100 columns.
  void notes(std::string text) { notes_ += std::move(text); }

  /// Fills the fields. False when --help was given: the help is then on stdout and the command is done. The name of an
  /// option must be written in full. Throws InputError for an unknown option, a value that is missing, superfluous or
  /// cannot be read, and a required option that is missing.
  bool parse(Arguments args);

  // Relations, to be asked for after parse(). They throw InputError; an option that has its default was not given.

  bool given(std::string_view name) const;
  using Names = std::initializer_list<std::string_view>;
  /// Refuses the command where any of `names` is given.
  void refuse(Names names, const std::string& why) const;
  /// Refuses the command where any of `names` stands beside `other`.
  void excludes(Names names, std::string_view other, const std::string& expected = "expected one of them") const;
  /// Where `effective` is false, none of `names` may be given: they would do nothing. `expected` says what would make
  /// them matter: "rtl among --engine".
  void effective(Names names, bool effective, const std::string& expected) const;
  /// Whoever gives one of `names` must give one of `others`.
  void needs(Names names, Names others) const;
  /// One of the two must be given, and not both.
  void one_of(std::string_view name, std::string_view other) const;

 private:
  using ReadWord = std::function<void(const std::string& word)>;
  Option& add(const std::string& spec, std::string help, std::string default_text, ReadWord read);
  Option& option(std::string_view name);
  void plan_outputs(const std::function<std::vector<std::string>(const Option&)>& words_of) const;
  void look_up_unless_given(Option& option, const std::string& default_word);
  bool print_help() const;  ///< false, which parse() hands on
  std::vector<std::string> names() const;

  static std::string place_of(const std::string& spec);
  static std::vector<std::string> parts_of(const std::string& place, const std::string& word);
  static std::size_t place_among(const std::string& place, const std::string& word,
                                 const std::vector<std::string>& words);

  std::string usage_, notes_;
  std::deque<Option> options_;
  std::vector<std::pair<const Option*, std::string>> defaults_;  ///< looked up unless given
  std::string file_suffix_;                                      ///< of file_or_flag()
  bool help_ = false;
};

/// The error of an option that was given and does nothing in this call, where that is seen after parse(): in what a
/// file holds. `name` is without dashes; `why` continues "has no effect: ".
inline InputError without_effect(const std::string& name, const std::string& why) {
  return {"", "--" + name, "has no effect: " + why};
}

}  // namespace subbyte::sim
