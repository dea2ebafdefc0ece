#include "sim/config/format_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "quant/formats/user_format.hpp"
#include "sim/base/hash.hpp"
#include "sim/config/format_words.hpp"

namespace subbyte::sim {
namespace {

using quant::UserFormat;
using namespace words;  // NOLINT: they are this file's, in a file of their own

template <typename Number>
std::optional<Number> number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Reads decimal numbers exactly. One that a double would round is reported here, with a long double as the witness.
std::vector<double> read_levels(ConfigNode& node, Key key) {
  std::vector<double> levels;
  std::size_t index = 0;
  for (const std::string& text : node.texts(key)) {
    const auto value = number<double>(text);
    const auto witness = number<long double>(text);
    const std::string at = fmt::format("[{}] is {}", index++, text);
    if (!value) {
      node.problem(key.name, at + ", expected a number");
    } else if (witness && *witness != static_cast<long double>(*value)) {
      // The shortest text of the float itself would read as the level that is refused.
      const auto near = static_cast<double>(static_cast<float>(*value));
      node.problem(key.name,
                   fmt::format("{}, which no sum of a few powers of two is, expected at most 24 significant bits{}", at,
                               std::isfinite(near) ? fmt::format(" ({}, say)", near) : ""));
    } else {
      levels.push_back(*value);
    }
  }
  return levels;
}

void read_special(ConfigNode special, quant::UserAlphabet& made) {
  made.special_code =
      static_cast<unsigned>(special.integer({"code", "The code whose level each group chooses."}, 0, 255));
  made.special_values = read_levels(special, {"values", "The levels that a group chooses from for that code."});
}

/// Reads "e2m1".
std::optional<quant::Minifloat> minifloat_of(const std::string& text) {
  const bool shaped = text.size() == 4 && text[0] == 'e' && text[2] == 'm';
  const auto exponent = shaped ? number<unsigned>(text.substr(1, 1)) : std::nullopt;
  const auto mantissa = shaped ? number<unsigned>(text.substr(3, 1)) : std::nullopt;
  if (!exponent || !mantissa || *exponent > 7 || *mantissa > 7 || *exponent + *mantissa < 1 ||
      *exponent + *mantissa > 7) {
    return std::nullopt;
  }
  return quant::Minifloat{*exponent, *mantissa, *exponent == 0 ? 0 : (1 << (*exponent - 1)) - 1};
}

void read_minifloat(ConfigNode& alphabet, quant::UserAlphabet& made) {
  const std::string text = alphabet.text(
      {"minifloat", "The levels are those of a floating-point format eXmY of 1..7 bits below the sign: e2m1, say."});
  made.minifloat = minifloat_of(text);
  if (!made.minifloat) {
    alphabet.problem("minifloat",
                     fmt::format("is {}, expected eXmY with 1..7 bits below the sign, for example e2m1", text));
    made.minifloat = quant::Minifloat{2, 1, 1};
  }
  const Key bias{"bias", "The bias of a minifloat's exponent; left out, it is that of IEEE 754, 2^(X-1) - 1."};
  made.minifloat->bias =
      static_cast<int>(alphabet.has("bias") ? alphabet.integer(bias, -64, 64)
                                            : alphabet.integer_or(bias, made.minifloat->bias, -64, 64));
  made.minifloat->flavour = named(
      alphabet,
      {"flavour",
       "What a minifloat's top exponent means: all numbers, one NaN at the top code, or infinities and NaNs as in IEEE "
       "754."},
      kFlavours);
}

quant::UserAlphabet read_alphabet(ConfigNode alphabet) {
  quant::UserAlphabet made;
  if (alphabet.has("levels"))
    made.levels = read_levels(alphabet, {"levels",
                                         "The level of each code in turn: 2..256 dyadic numbers, which a scale "
                                         "multiplies."});
  if (alphabet.has("minifloat")) read_minifloat(alphabet, made);
  if (alphabet.has("integer")) {
    made.integer_bits =
        static_cast<unsigned>(alphabet.integer({"integer", "The levels are integers of this many bits."}, 2, 8));
    made.asymmetric = named(
        alphabet, {"range", "Whether an integer's levels are symmetric about zero, or have a zero point per group."},
        kRanges);
  }
  return made;
}

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
  std::string group;  ///< "64" or "channel", or nothing
};

/// Splits FILE.yaml[:gN]; returns nothing for what is not the path of a YAML file.
std::optional<Path> path_of(const std::string& text) {
  const auto colon = text.rfind(":g");
  const bool grouped = colon != std::string::npos && text.find('/', colon) == std::string::npos;
  Path path = grouped ? Path{text.substr(0, colon), text.substr(colon + 2)} : Path{text, ""};
  const bool yaml = path.file.ends_with(".yaml") || path.file.ends_with(".yml");
  return yaml ? std::optional(std::move(path)) : std::nullopt;
}

/// `group` replaces the definition's own group.
quant::Format read_definition(const Config& config, const std::string& group) {
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
  if (!group.empty()) {
    const auto size = group == "channel" ? std::optional(quant::kWholeRow) : number<std::size_t>(group);
    if (!size) root.problem("scaling", fmt::format("of the command line is g{}, expected gN or gchannel", group));
    definition.scaling.group = size.value_or(1);
  }
  config.finish();  // what cannot be read has no meaning to check
  for (const auto& problem : quant::problems_of(definition)) report(nodes, problem);
  config.finish();
  quant::Format format = quant::user_format(definition);
  format.definition = definition_of(config, format.scaling.group);
  return format;
}

}  // namespace

std::vector<KeyEntry> format_keys() {
  return described_keys([](const Config& config) { read_definition(config, ""); });
}

quant::Format parse_format_definition(const std::string& text, const std::string& name) {
  return read_definition(Config::parse(text, name), "");
}

quant::Format read_format(const std::string& text) {
  if (text.starts_with('{')) return parse_format_definition(text, "format definition");
  const auto path = path_of(text);
  if (!path) return quant::parse_format(text);
  return read_definition(Config::read(path->file), path->group);
}

std::optional<std::string> format_file_of(const std::string& text) {
  const auto path = path_of(text);
  return path ? std::optional(path->file) : std::nullopt;
}

bool is_format_file(const std::string& text) {
  const auto path = path_of(text);
  if (!path) return false;
  try {
    return Config::read(path->file).root().has("alphabet");
  } catch (const ConfigError&) {
    return false;
  }
}

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
