#include "sim/config/config.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "quant/base/suggestion.hpp"
#include "sim/base/file_roles.hpp"
#include "sim/base/hash.hpp"
#include "sim/base/input_error.hpp"
#include "sim/config/config_document.hpp"
#include "sim/config/yaml_documents.hpp"

namespace subbyte::sim {
namespace {

std::string lines_of(std::span<const ConfigProblem> problems) {
  std::vector<std::string> lines;
  for (const ConfigProblem& each : problems)
    lines.push_back(fmt::format("{}{}{}: {}", each.file, each.file.empty() || each.place.empty() ? "" : ":", each.place,
                                each.text));
  return fmt::format("{}", fmt::join(lines, "\n"));
}

std::string place_at(std::int64_t line, std::int64_t column) { return fmt::format("{}:{}", line, column); }

}  // namespace

ConfigError::ConfigError(std::vector<ConfigProblem> found)
    : std::invalid_argument(lines_of(found)), problems(std::move(found)) {}

std::vector<ConfigProblem> problems_of(const std::exception& error) {
  if (const auto* config = dynamic_cast<const ConfigError*>(&error)) return config->problems;
  if (const auto* input = dynamic_cast<const InputError*>(&error))
    return {{input->file(), input->place(), input->text()}};
  return {{"", "", error.what()}};
}

Config Config::read(const std::filesystem::path& path) {
  std::string text;
  try {
    text = text_of_input(path.string(), "a YAML file");
  } catch (const InputError& error) {
    if (!error.place().empty()) throw;  // it is the file of an output
    throw ConfigError(problems_of(error));
  }
  return parse(text, path.string());
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
  throw ConfigError({{name, place_in_text(text, end),
                      fmt::format("the byte 0x{:02x}, expected UTF-8 text", static_cast<unsigned char>(text[end]))}});
}

}  // namespace

ConfigNode Config::root() const { return {document_, 0}; }

Config Config::parse(const std::string& text, const std::string& name) {
  check_utf8(text, name);
  Config config;
  config.document_ = std::make_shared<detail::ConfigDocument>();
  config.document_->sources.push_back({name, std::filesystem::path(name).parent_path(), true});
  try {
    const std::vector<YAML::Node> documents = detail::yaml_documents(text);
    const YAML::Node top = documents.empty() ? YAML::Node() : documents[0];
    config.document_->add({{top, 0, top.Mark()}}, nlohmann::json::json_pointer(), "the document");
    if (documents.size() > 1)
      config.document_->report({0, documents[1].Mark()}, "a second document begins, expected one");
  } catch (const YAML::Exception& error) {
    throw ConfigError(
        {{name, place_at(error.mark.line + 1, error.mark.column + 1), detail::yaml_problem(error, text)}});
  }
  return config;
}

std::string settings_text(std::span<const Setting> settings) {
  std::string text;
  constexpr std::string_view kParameters = "parameters.";
  for (const Setting& setting : settings) {
    const bool parameter = setting.key.starts_with(kParameters);
    text += fmt::format("{} {}={}", text.empty() ? " with" : "", setting.key.substr(parameter ? kParameters.size() : 0),
                        setting.value);
  }
  return text;
}

Config Config::of(std::span<const Setting> settings, std::vector<std::string> not_settable) {
  Config config;
  config.document_ = std::make_shared<detail::ConfigDocument>();
  config.document_->not_settable = std::move(not_settable);
  std::vector<detail::Value> layers;
  for (const Setting& setting : settings) {
    YAML::Node value(setting.value);
    std::string key = setting.key;
    for (std::size_t dot = key.rfind('.'); dot != std::string::npos; dot = key.rfind('.')) {
      YAML::Node around(YAML::NodeType::Map);
      around[key.substr(dot + 1)] = value;
      value.reset(around);
      key.resize(dot);
    }
    YAML::Node top(YAML::NodeType::Map);
    top[key] = value;
    layers.push_back({top, config.document_->sources.size(), YAML::Mark::null_mark()});
    config.document_->sources.push_back({setting.place, "", false});
  }
  config.document_->add(std::move(layers), nlohmann::json::json_pointer(), "the command line");
  return config;
}

void Config::rest_on(const Config& base, std::span<const std::string> left_out) {
  const std::size_t first = document_->sources.size();
  const detail::ConfigDocument& below = *base.document_;
  document_->sources.insert(document_->sources.end(), below.sources.begin(), below.sources.end());
  for (detail::Problem problem : below.problems) {
    problem.place.source += first;
    document_->problems.push_back(problem);
  }
  detail::Mapping& top = document_->mappings.front();
  for (const detail::Value& layer : below.mappings.front().layers) {
    YAML::Node kept(YAML::NodeType::Map);
    for (const auto& pair : layer.yaml)
      if (!pair.first.IsScalar() || std::ranges::find(left_out, pair.first.Scalar()) == left_out.end())
        kept.force_insert(pair.first, pair.second);
    top.layers.push_back({kept, layer.source + first, layer.key});
  }
  const bool lines = document_->sources[top.place.source].lines;
  if (!lines) top.place = {below.mappings.front().place.source + first, below.mappings.front().place.mark};
}

void Config::finish() const {
  if (document_->described) throw detail::Described{};
  for (const detail::Mapping& mapping : document_->mappings) document_->report_unknown(mapping);
  stop_at_problems();
}

void Config::stop_at_problems() const {
  std::vector<detail::Problem> problems = document_->problems;
  if (problems.empty() || document_->described) return;
  std::ranges::stable_sort(problems, {}, [](const detail::Problem& problem) {
    const detail::Place& place = problem.place;
    return std::tuple(place.source, place.mark.line, place.mark.column);
  });
  std::vector<ConfigProblem> found;
  for (const auto& [place, text, elsewhere] : problems) {
    const detail::Source& source = document_->sources[place.source];
    const bool known = !place.mark.is_null();
    if (elsewhere)
      found.push_back({elsewhere->first, elsewhere->second, text});
    else if (source.lines)
      found.push_back(
          {source.name, place_at(known ? place.mark.line + 1 : 1, known ? place.mark.column + 1 : 1), text});
    else
      found.push_back({"", source.name, text});
  }
  throw ConfigError(std::move(found));
}

std::vector<KeyEntry> described_keys(const std::function<void(const Config&)>& reader, const std::string& example) {
  const Config config = Config::parse(example, "KIND.yaml");
  config.document_->described.emplace();
  try {
    reader(config);
  } catch (const detail::Described&) {  // the reader came to its finish()
  }
  return *config.document_->described;
}

const nlohmann::json& Config::resolved() const { return document_->resolved; }

std::string Config::hash() const { return config_hash(resolved()); }

std::string config_hash(const nlohmann::json& resolved) { return short_hash(resolved.dump()); }

}  // namespace subbyte::sim
