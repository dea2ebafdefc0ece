#include "sim/config/word_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <system_error>

namespace subbyte::sim {

void ProblemList::add(const ConfigProblem& problem) {
  const bool known = std::ranges::any_of(problems_, [&](const ConfigProblem& each) {
    return each.file == problem.file && each.place == problem.place && each.text == problem.text;
  });
  if (!known) problems_.push_back(problem);
}

void ProblemList::add(const std::exception& error) {
  if (problems_.empty()) first_ = std::current_exception();
  for (const ConfigProblem& each : problems_of(error)) add(each);
}

void ProblemList::stop() const {
  if (problems_.size() == 1 && first_) std::rethrow_exception(first_);
  if (!problems_.empty()) throw ConfigError(problems_);
}

std::string given_twice(const std::string& word, const std::string& earlier) {
  return fmt::format("'{}' is given twice{}, expected once", word,
                     word == earlier ? "" : fmt::format(", also as '{}'", earlier));
}

std::string file_identity(const std::string& word) {
  std::error_code error;
  const std::string file = std::filesystem::canonical(word, error).string();
  return error ? word : file;
}

std::vector<std::string> each_once(const std::string& option, std::span<const std::string> words) {
  return read_each(option, words, std::identity(), file_identity);
}

}  // namespace subbyte::sim
