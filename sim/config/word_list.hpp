// Lists of words as options take them: every word is read, each stands once, and all problems are told at once.
#pragma once

#include <exception>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "sim/base/input_error.hpp"
#include "sim/config/config.hpp"

namespace subbyte::sim {

/// Gathers problems, each once, to throw them together.
class ProblemList {
 public:
  void add(const ConfigProblem& problem);
  /// Adds the problems of an InputError or std::invalid_argument, which is being handled.
  void add(const std::exception& error);
  /// Throws what was added: ConfigError with all problems, and where there is one alone the error that told it.
  void stop() const;

 private:
  std::exception_ptr first_;
  std::vector<ConfigProblem> problems_;
};

/// Says that a word means what an earlier one of its list means.
std::string given_twice(const std::string& word, const std::string& earlier);

/// Reads each word of an option's value in turn. `read` throws InputError or std::invalid_argument, which gets the
/// option's place (at_option); `identity` says as a text what a value is, so that a second one of the kind is refused.
/// Throws ConfigError with every problem of the list.
template <typename Read, typename Identity>
auto read_each(const std::string& option, std::span<const std::string> words, Read read, Identity identity) {
  std::vector<std::decay_t<decltype(read(words.front()))>> values;
  std::map<std::string, std::string> earlier;
  ProblemList problems;
  for (const std::string& word : words) {
    try {
      auto value = at_option(option, [&] { return read(word); });
      const auto [same, fresh] = earlier.emplace(identity(value), word);
      if (fresh)
        values.push_back(std::move(value));
      else
        problems.add(ConfigProblem{"", option, given_twice(word, same->second)});
    } catch (const InputError& error) {
      problems.add(error);
    } catch (const std::invalid_argument& error) {
      problems.add(error);
    }
  }
  problems.stop();
  return values;
}

/// Returns what two names of one file have in common, and of a word that names no file the word.
std::string file_identity(const std::string& word);

/// Returns the words of an option that may be given several times. Two names of one file are the same. Throws as
/// read_each().
std::vector<std::string> each_once(const std::string& option, std::span<const std::string> words);

}  // namespace subbyte::sim
