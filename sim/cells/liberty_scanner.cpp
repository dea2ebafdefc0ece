#include "sim/cells/liberty_scanner.hpp"

#include <algorithm>
#include <cctype>

#include "sim/base/input_error.hpp"

namespace subbyte::sim {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\\'; }
bool is_punctuation(char c) { return c == '{' || c == '}' || c == '(' || c == ')' || c == ':' || c == ';' || c == ','; }

}  // namespace

void refuse_liberty(std::string_view text, const std::string& file, std::size_t offset, const std::string& what) {
  const auto line = 1 + std::ranges::count(text.substr(0, offset), '\n');
  throw InputError(file, "line " + std::to_string(line), what);
}

void LibertyScanner::fail(const std::string& what) const { refuse_liberty(text_, file_, at_, what); }

std::string LibertyScanner::next() {
  skip_blank();
  if (at_ >= text_.size()) return {};
  if (text_[at_] == '"') return quoted();
  if (is_punctuation(text_[at_])) return std::string(1, text_[at_++]);
  const std::size_t begin = at_;
  while (at_ < text_.size() && !is_punctuation(text_[at_]) && !is_blank(text_[at_]) && text_[at_] != '"') ++at_;
  return std::string(text_.substr(begin, at_ - begin));
}

std::string LibertyScanner::peek() {
  const std::size_t saved = at_;
  std::string token = next();
  at_ = saved;
  return token;
}

std::string LibertyScanner::value() {
  std::string text;
  for (skip_spaces(); at_ < text_.size() && text_[at_] != ';' && text_[at_] != '\n' && text_[at_] != '}';) {
    if (text_[at_] == '"')
      text += quoted();
    else if (text_.substr(at_, 2) == "/*")
      skip_comment();
    else
      text += text_[at_++];
  }
  if (at_ < text_.size() && text_[at_] == ';') ++at_;
  while (!text.empty() && is_blank(text.back())) text.pop_back();
  return text;
}

std::vector<std::string> LibertyScanner::arguments() {
  std::vector<std::string> names;
  for (;;) {
    skip_blank();
    if (at_ < text_.size() && text_[at_] == '"') {  // may be empty, and may hold any character
      names.push_back(quoted());
      continue;
    }
    const std::string token = next();
    if (token == ")") break;
    if (token.empty()) fail("the file ends inside '(', expected ')'");
    if (token == "{" || token == "}") fail("found '" + token + "' inside '(', expected ')'");
    if (token != ",") names.push_back(token);
  }
  return names;
}

void LibertyScanner::skip_spaces() {
  while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
}

void LibertyScanner::skip_blank() {
  while (at_ < text_.size()) {
    if (is_blank(text_[at_])) {
      ++at_;
    } else if (text_.substr(at_, 2) == "/*") {
      skip_comment();
    } else if (text_.substr(at_, 2) == "//") {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else {
      return;
    }
  }
}

void LibertyScanner::skip_comment() {
  const std::size_t end = text_.find("*/", at_ + 2);
  if (end == std::string_view::npos) fail("a comment does not end, expected '*/'");
  at_ = end + 2;
}

std::string LibertyScanner::quoted() {
  const std::size_t end = text_.find('"', at_ + 1);
  if (end == std::string_view::npos) fail("a string does not end, expected '\"'");
  std::string word(text_.substr(at_ + 1, end - at_ - 1));
  at_ = end + 1;
  for (std::size_t slash = word.find('\\'); slash != word.npos; slash = word.find('\\', slash + 1))
    if (slash + 1 < word.size() && is_blank(word[slash + 1])) word[slash] = ' ';  // the string goes on in the next line
  return word;
}

}  // namespace subbyte::sim
