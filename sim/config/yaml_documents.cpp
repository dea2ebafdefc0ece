#include "sim/config/yaml_documents.hpp"

#include <yaml-cpp/eventhandler.h>

#include <algorithm>
#include <sstream>

namespace subbyte::sim::detail {
namespace {

/// Refuses a document that begins where the one before it began.
class ProgressCheck : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override {
    if (mark.pos == last_begin_) throw YAML::ParserException(mark, "this begins no document");
    last_begin_ = mark.pos;
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, const std::string&) override {
    check_tag(mark, tag);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    check_tag(mark, tag);
  }
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, YAML::EmitterStyle::value) override {
    check_tag(mark, tag);
  }
  void OnMapEnd() override {}

 private:
  /// Types follow from what is asked for, not from what is written: a tag of one's own would be ignored.
  static void check_tag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!" || tag.starts_with("tag:yaml.org,2002:")) return;
    throw YAML::ParserException(mark, "the tag " + tag + " has no effect, expected the value without it");
  }
  int last_begin_ = -1;
};

std::string_view line_of(std::string_view text, int line) {
  for (; line > 0; --line) text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  return text.substr(0, text.find('\n'));
}

}  // namespace

std::string yaml_problem(const YAML::Exception& error, const std::string& text) {
  const std::string& what = error.msg;
  if (what.starts_with("the tag ")) return what;
  if (what == YAML::ErrorMsg::UNKNOWN_ANCHOR || what == YAML::ErrorMsg::ALIAS_NOT_FOUND)
    return "an unquoted * begins an alias in YAML, and there is no anchor of this name: expected a pattern in quotes, "
           "'*.lm_head'";
  const std::string_view line = error.mark.line >= 0 ? line_of(text, error.mark.line) : std::string_view();
  if (line.substr(0, line.find_first_not_of(" \t")).find('\t') != std::string_view::npos)
    return "a tab indents this line, expected blanks, which YAML takes alone (" + what + ")";
  if (what == YAML::ErrorMsg::UNKNOWN_TOKEN && error.mark.column >= 0 &&
      static_cast<std::size_t>(error.mark.column) < line.size())
    return std::string("'") + line[static_cast<std::size_t>(error.mark.column)] +
           "' begins no value in YAML, expected it in quotes";
  return what + ", expected YAML";
}

std::vector<YAML::Node> yaml_documents(const std::string& text) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  ProgressCheck check;
  while (parser.HandleNextDocument(check)) {
  }
  return YAML::LoadAll(text);
}

}  // namespace subbyte::sim::detail
