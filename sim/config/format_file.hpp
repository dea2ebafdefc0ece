// Reads formats as a user names them: a row of the table, a YAML file, or a definition in one line of JSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "quant/formats/format.hpp"
#include "sim/config/config.hpp"
#include "sim/config/config_keys.hpp"

namespace subbyte::sim {

/// Reads NAME[:keys] of the table (quant::parse_format), FILE.yaml[:gN|:gchannel], which holds a definition in the keys
/// that format_keys() lists, or such a definition in JSON (`Format::definition`), which begins with a brace. Throws
/// quant::FormatError, or ConfigError with every problem of the file.
quant::Format read_format(const std::string& text);

std::vector<KeyEntry> format_keys();

/// Returns the path in FILE.yaml[:gN]; nothing for a format that is named in another way.
std::optional<std::string> format_file_of(const std::string& text);

/// Returns whether a file defines a format (and not, say, a policy): it has an `alphabet`.
bool is_format(const Config& config);
/// Reads the definition in such a file. Throws as above.
quant::Format read_format_file(const Config& config);

/// Reads the definition in a text; `name` stands in errors. Sets Format::definition.
quant::Format parse_format_definition(const std::string& text, const std::string& name);

/// Returns what a packed file says of a format: the id of a row of the table, or the definition of a user's format.
std::string describe(const quant::Format& format);
/// Returns a hash of that: of two formats of one name it says whether they are the same. Records are joined by it.
std::string definition_hash(const quant::Format& format);
/// Layers by name, each with its format or none where it is left unquantized.
using LayerFormats = std::vector<std::pair<std::string, std::optional<quant::Format>>>;
/// Returns a hash of the quantized layers with their formats, in any order. A policy and a packed file that was made by
/// it have the same; the packed file of some layers has another than the format of all.
std::string layers_hash(const LayerFormats& layers);
/// Returns the hash of the format that all the layers have; nothing where one is left unquantized or has another.
std::optional<std::string> shared_definition(const LayerFormats& layers);
/// The inverse of describe(). Throws quant::FormatError alone.
quant::Format parse_description(std::string_view text);

}  // namespace subbyte::sim
