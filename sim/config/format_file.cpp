#include "sim/config/format_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "quant/formats/user_format.hpp"
#include "sim/base/hash.hpp"
#include "sim/config/config_paths.hpp"
#include "sim/config/format_alphabet.hpp"
#include "sim/config/format_words.hpp"

namespace subbyte::sim {
namespace {

using quant::UserFormat;
using namespace words;  // NOLINT: they are this file's, in a file of their own

void read_scaling(ConfigNode scaling, UserFormat& definition) {
  const std::string group = scaling.text_or(
      {"group", "How many weights of a row share a scale: a number, or channel for the whole row."}, "128");
  const auto size = group == "channel" ? std::optional(quant::kWholeRow) : number<std::size_t>(group);
  if (!size) scaling.problem("group", fmt::format("is {}, expected a number or channel", group));
  definition.scaling.group = size.value_or(1);
  definition.scaling.stored = named(scaling, {"stored", "The number format of a stored scale."}, kStored);
  definition.rule = named(
      scaling,
      {"rule",
       "How a group's scale follows from its weights: absmax puts the largest magnitude on the top level, minmax "
       "the range on the range of the levels; floor, ceil and even give powers of two, for e8m0; tensor is NVFP4's "
       "block scale below a scale of the tensor."},
      kRules);
  definition.scaling.tensor_scale =
      named(scaling,
            {"tensor_scale",
             "Whether the tensor has an FP32 scale besides, and whether it is stored for decoding or for "
             "encoding."},
            kTensorScales);
}

/// The mappings of a document by their place, because a second handle of one would claim nothing.
using Nodes = std::map<std::string, ConfigNode, std::less<>>;

/// Reports a problem of the definition at its place in the file, or at the nearest mapping around it.
void report(Nodes& nodes, const quant::DefinitionProblem& problem) {
  std::size_t dot = problem.where.rfind('.');
  while (dot != std::string::npos && !nodes.contains(problem.where.substr(0, dot))) {
    dot = dot == 0 ? std::string::npos : problem.where.rfind('.', dot - 1);
  }
  const bool inner = dot != std::string::npos;
  const auto key = inner ? problem.where.substr(dot + 1) : problem.where;
  nodes.at(inner ? problem.where.substr(0, dot) : "").problem(key, problem.text);
}

/// Returns in one line what was read.
std::string definition_of(const Config& config, std::size_t group) {
  nlohmann::json text = config.resolved();
  if (!text["scaling"].is_object()) {
    text["scaling"] = {{"stored", kStored[0].name}, {"rule", kRules[0].name}, {"tensor_scale", kTensorScales[0].name}};
  }
  text["scaling"]["group"] = group == quant::kWholeRow ? std::string("channel") : std::to_string(group);
  return text.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

struct Path {
  std::string file;
  std::optional<std::string> suffix;  ///< what stands behind the colon: "g64"
};

/// Splits FILE[:gN]; returns nothing for what is no path. Behind .yaml and .yml the suffix begins, and elsewhere at the
/// first colon of the file's name.
std::optional<Path> path_of(const std::string& text) {
  if (text.starts_with('{')) return std::nullopt;  // a definition in JSON
  if (text.ends_with(".yaml") || text.ends_with(".yml")) return Path{text, {}};
  const std::size_t slash = text.rfind('/'), name = slash == std::string::npos ? 0 : slash + 1;
  const std::size_t first = text.find(':', name);
  for (std::size_t colon = first; colon != std::string::npos; colon = text.find(':', colon + 1))
    if (is_path(text.substr(name, colon - name), FileKind::kYaml))
      return Path{text.substr(0, colon), text.substr(colon + 1)};
  if (slash == std::string::npos) return std::nullopt;
  if (first == std::string::npos) return Path{text, {}};
  return Path{text.substr(0, first), text.substr(first + 1)};
}

/// Reads the suffix of FILE:gN.
std::optional<std::size_t> group_of(const std::string& text, const Path& path) {
  if (!path.suffix) return std::nullopt;
  if (path.suffix->starts_with('g') && path.suffix->find('=') == std::string::npos)
    return quant::parse_group(text, path.suffix->substr(1));
  throw quant::FormatError(
      fmt::format("format '{}': cannot read '{}', expected gN or gchannel behind a file, for example {}:g64; a format "
                  "of one's own has no other keys there",
                  text, *path.suffix, path.file));
}

/// Whether a key that a problem follows from, or a mapping around it, could not be read.
bool unread(const Nodes& nodes, const std::string& key) {
  const std::size_t dot = key.rfind('.');
  const bool inner = dot != std::string::npos;
  const auto node = nodes.find(inner ? key.substr(0, dot) : "");
  if (node != nodes.end() && node->second.faulty(inner ? key.substr(dot + 1) : key)) return true;
  return inner && unread(nodes, key.substr(0, dot));
}

/// `group` replaces the definition's own group.
quant::Format read_definition(const Config& config, std::optional<std::size_t> group) {
  Nodes nodes{{"", config.root()}};
  ConfigNode& root = nodes.at("");
  UserFormat definition;
  definition.name = root.text({"name", "What the format is called: a..z, 0..9 and - _ . in a name of its own."});
  root.text_or({"summary", "What the format is, in a few words."}, "");
  definition.source = root.text_or({"source", "Where the format comes from."}, "defined by its user");
  ConfigNode& alphabet =
      nodes
          .emplace("alphabet",
                   root.child({"alphabet", "What a code means: levels, minifloat or integer, one of them."}))
          .first->second;
  definition.alphabet = read_alphabet(alphabet);
  if (alphabet.has("special")) {
    read_special(nodes
                     .emplace("alphabet.special",
                              alphabet.child({"special", "One code whose level each group chooses from several."}))
                     .first->second,
                 definition.alphabet);
  }
  if (root.has("scaling"))
    read_scaling(nodes.emplace("scaling", root.child({"scaling", "The scale of a group of weights."})).first->second,
                 definition);
  definition.layout = named(
      root, {"layout", "How codes lie in bytes: packed to their bits, or five or four trits together."}, kLayouts);
  definition.ties =
      named(root, {"ties", "Where a weight lies between two levels, the even code wins, or the lower level."}, kTies);
  if (group) definition.scaling.group = *group;
  for (const auto& problem : quant::problems_of(definition))
    if (std::ranges::none_of(problem.follows_from, [&](const auto& key) { return unread(nodes, key); }))
      report(nodes, problem);
  config.finish();
  quant::Format format = quant::user_format(definition);
  format.definition = definition_of(config, format.scaling.group);
  return format;
}

}  // namespace

std::vector<KeyEntry> format_keys() {
  return described_keys([](const Config& config) { read_definition(config, {}); });
}

quant::Format parse_format_definition(const std::string& text, const std::string& name) {
  return read_definition(Config::parse(text, name), {});
}

quant::Format read_format(const std::string& text) {
  if (text.starts_with('{')) return parse_format_definition(text, "format definition");
  const auto path = path_of(text);
  if (!path) return quant::parse_format(text);
  const std::optional<std::size_t> group = group_of(text, *path);
  return read_definition(Config::read(path->file), group);
}

std::optional<std::string> format_file_of(const std::string& text) {
  const auto path = path_of(text);
  return path ? std::optional(path->file) : std::nullopt;
}

bool is_format(const Config& config) {
  const std::vector<std::string> keys = config.root().keys();
  return std::ranges::find(keys, "alphabet") != keys.end();
}

quant::Format read_format_file(const Config& config) { return read_definition(config, {}); }

std::string describe(const quant::Format& format) {
  return format.definition.empty() ? format.id() : format.definition;
}

std::string definition_hash(const quant::Format& format) { return short_hash(describe(format)); }

std::string layers_hash(const LayerFormats& layers) {
  std::set<std::string> quantized;
  for (const auto& [layer, format] : layers)
    if (format) quantized.insert(layer + "\n" + describe(*format) + "\n");
  std::string list;
  for (const std::string& layer : quantized) list += layer;
  return short_hash(list);
}

std::optional<std::string> shared_definition(const LayerFormats& layers) {
  std::set<std::string> formats;
  for (const auto& [layer, format] : layers) formats.insert(format ? definition_hash(*format) : "");
  return formats.size() == 1 && !formats.begin()->empty() ? std::optional(*formats.begin()) : std::nullopt;
}

quant::Format parse_description(std::string_view text) {
  if (!text.starts_with('{')) return quant::parse_format(text);
  try {
    return parse_format_definition(std::string(text), "format definition");
  } catch (const ConfigError& error) {
    throw quant::FormatError(error.what());
  }
}

}  // namespace subbyte::sim
