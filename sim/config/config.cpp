#include "sim/config/config.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <vector>

#include "quant/base/suggestion.hpp"
#include "sim/base/file_roles.hpp"
#include "sim/base/hash.hpp"
#include "sim/config/config_document.hpp"
#include "sim/config/yaml_documents.hpp"

namespace subbyte::sim {
namespace detail {

std::string shown(const YAML::Node& node) {
  if (node.IsScalar()) return node.Tag() == "!" ? fmt::format("\"{}\"", node.Scalar()) : node.Scalar();
  if (node.IsSequence()) return "a list";
  return node.IsMap() ? "a mapping" : "empty";
}

std::size_t ConfigDocument::add(const YAML::Node& yaml, const nlohmann::json::json_pointer& path, std::string_view what,
                                const YAML::Mark& mark) {
  if (!yaml.IsMap()) {
    report(mark, fmt::format("{} is {}, expected a mapping", what, shown(yaml)));
    mappings.push_back({YAML::Node(YAML::NodeType::Map), path, mark, true, {}});
    return mappings.size() - 1;
  }
  std::vector<std::string> seen;
  for (const auto& pair : yaml) {
    const std::string key = shown(pair.first);
    if (std::ranges::find(seen, key) != seen.end())
      report(pair.first.Mark(), fmt::format("'{}' is given twice, expected once: remove one", key));
    seen.push_back(key);
  }
  mappings.push_back({yaml, path, mark, false, {}});
  return mappings.size() - 1;
}

std::optional<YAML::Node> ConfigDocument::find(std::size_t index, std::string_view key) const {
  for (const auto& pair : mappings[index].yaml)
    if (pair.first.IsScalar() && pair.first.Scalar() == key) return pair.second;
  return std::nullopt;
}

std::optional<YAML::Node> ConfigDocument::claim(std::size_t index, std::string_view key) {
  mappings[index].asked.emplace_back(key);
  return find(index, key);
}

std::optional<YAML::Node> ConfigDocument::demand(std::size_t index, std::string_view key, std::string_view expected) {
  auto value = claim(index, key);
  if (!value && !mappings[index].absent)
    report(mappings[index].mark, fmt::format("'{}' is missing, expected {}", key, expected));
  return value;
}

}  // namespace detail

namespace {

std::string lines_of(std::span<const ConfigProblem> problems) {
  std::vector<std::string> lines;
  for (const ConfigProblem& each : problems)
    lines.push_back(fmt::format("{}{}{}: {}", each.file, each.place.empty() ? "" : ":", each.place, each.text));
  return fmt::format("{}", fmt::join(lines, "\n"));
}

std::string place_at(std::int64_t line, std::int64_t column) { return fmt::format("{}:{}", line, column); }

}  // namespace

ConfigError::ConfigError(std::vector<ConfigProblem> found)
    : std::invalid_argument(lines_of(found)), problems(std::move(found)) {}

Config Config::read(const std::filesystem::path& path) {
  note_input(path.string());
  std::ifstream file(path);
  std::ostringstream text;
  // Copying nothing sets failbit, and an empty file is a document with its own error.
  if (!file || (file.peek() != std::ifstream::traits_type::eof() && !(text << file.rdbuf())))
    throw ConfigError({{path.string(), "", "cannot be read, expected a YAML file"}});
  return parse(text.str(), path.string());
}

namespace {

/// Returns the position of the first byte that is not part of a UTF-8 character (Unicode, table 3-7), or text.size().
std::size_t utf8_end(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const auto byte = [&](std::size_t i) {
      return static_cast<unsigned char>(at + i < text.size() ? text[at + i] : 0);
    };
    const unsigned lead = byte(0);
    const std::size_t length = lead < 0x80   ? 1
                               : lead < 0xc2 ? 0
                               : lead < 0xe0 ? 2
                               : lead < 0xf0 ? 3
                               : lead < 0xf5 ? 4
                                             : 0;
    const unsigned lowest = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const unsigned highest = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (length == 0 || (length > 1 && (byte(1) < lowest || byte(1) > highest))) return at;
    for (std::size_t i = 2; i < length; ++i)
      if ((byte(i) & 0xc0) != 0x80) return at;
    at += length;
  }
  return at;
}

/// yaml-cpp passes any bytes on, but the hash and the records of what was read need text.
void check_utf8(std::string_view text, const std::string& name) {
  const std::size_t end = utf8_end(text);
  if (end == text.size()) return;
  const std::string_view before = text.substr(0, end);
  const std::size_t line_begin = before.rfind('\n') + 1;  // npos + 1 is 0
  const auto line = std::ranges::count(before, '\n') + 1;
  throw ConfigError({{name, place_at(line, static_cast<std::int64_t>(end - line_begin) + 1),
                      fmt::format("the byte 0x{:02x}, expected UTF-8 text", static_cast<unsigned char>(text[end]))}});
}

}  // namespace

Config Config::parse(const std::string& text, const std::string& name) {
  check_utf8(text, name);
  Config config;
  config.document_ = std::make_shared<detail::ConfigDocument>();
  config.document_->name = name;
  try {
    const std::vector<YAML::Node> documents = detail::yaml_documents(text);
    const YAML::Node top = documents.empty() ? YAML::Node() : documents[0];
    config.document_->add(top, nlohmann::json::json_pointer(), "the document", top.Mark());
    if (documents.size() > 1) {
      const YAML::Mark second = documents[1].Mark();
      config.document_->problems.push_back(
          {second.line + 1, second.column + 1, "a second document begins, expected one"});
    }
  } catch (const YAML::Exception& error) {
    throw ConfigError(
        {{name, place_at(error.mark.line + 1, error.mark.column + 1), fmt::format("{}, expected YAML", error.msg)}});
  }
  return config;
}

ConfigNode Config::root() const { return {document_, 0}; }

void Config::finish() const {
  std::vector<detail::Problem> problems = document_->problems;
  for (const auto& mapping : document_->mappings) {
    for (const auto& pair : mapping.yaml) {
      const std::string key = pair.first.IsScalar() ? pair.first.Scalar() : detail::shown(pair.first);
      if (std::ranges::find(mapping.asked, key) != mapping.asked.end()) continue;
      problems.push_back({pair.first.Mark().line + 1, pair.first.Mark().column + 1,
                          fmt::format("unknown key '{}', {}", key, quant::expectation(key, mapping.asked))});
    }
  }
  if (problems.empty()) return;
  std::ranges::stable_sort(problems, {}, [](const auto& p) { return std::pair(p.line, p.column); });
  std::vector<ConfigProblem> found;
  for (const auto& p : problems) found.push_back({document_->name, place_at(p.line, p.column), p.text});
  throw ConfigError(std::move(found));
}

const nlohmann::json& Config::resolved() const { return document_->resolved; }

std::string Config::hash() const { return config_hash(resolved()); }

std::string config_hash(const nlohmann::json& resolved) { return short_hash(resolved.dump()); }

}  // namespace subbyte::sim
