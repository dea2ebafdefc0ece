// Reads formats as a user names them: a row of the table, a YAML file, or a definition in one line of JSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "quant/formats/format.hpp"
#include "sim/config/config.hpp"

namespace subbyte::sim {

/// Reads NAME[:keys] of the table (quant::parse_format), or FILE.yaml[:gN|:gchannel], which holds a definition:
///   name: signed-log                # of its own: a..z 0..9 - _ .
///   summary: ...                    # optional, as is source
///   alphabet:                       # one of the three:
///     levels: [0, 1, 2, 4, ...]     #   by code: 2..256 dyadic numbers
///     minifloat: e2m2               #   with bias: N (IEEE 754's) and flavour: finite|nan|ieee (finite)
///     integer: 4                    #   with range: symmetric|asymmetric (symmetric)
///     special: {code: 8, values: [5, -5]}   # optional: a group chooses one value as the level of a code
///   scaling:                        # all optional, as is the mapping
///     group: 128                    #   or channel
///     stored: fp16                  #   fp16 bf16 fp32 e8m0 ue4m3 ue5m3 u8
///     rule: absmax                  #   absmax minmax floor ceil even tensor
///     tensor_scale: none            #   none decode encode
///   layout: dense                   # or five-in-byte, one-zero-in-four
///   ties: even                      # to the even code, or lower: to the lower level
/// or such a definition in JSON (`Format::definition`), which begins with a brace. Throws quant::FormatError, or
/// ConfigError with every problem of the file.
quant::Format read_format(const std::string& text);

/// Returns whether `text` is the path of a file that defines a format (and not, say, a policy): FILE.yaml[:gN] with an
/// `alphabet`. Returns false where the file cannot be read.
bool is_format_file(const std::string& text);

/// Reads the definition in a text; `name` stands in errors. Sets Format::definition.
quant::Format parse_format_definition(const std::string& text, const std::string& name);

/// Returns what a packed file says of a format: the id of a row of the table, or the definition of a user's format.
std::string describe(const quant::Format& format);
/// Returns a hash of that: of two formats of one name it says whether they are the same. Records are joined by it.
std::string definition_hash(const quant::Format& format);
/// Returns the same of a model's layers, each with its format or none where it is left unquantized: the hash of the
/// format where all have one, and else that of the list. A policy and a packed file that was made by it have the same.
std::string definition_hash(const std::vector<std::pair<std::string, std::optional<quant::Format>>>& layers);
/// The inverse of describe(). Throws quant::FormatError alone.
quant::Format parse_description(std::string_view text);

}  // namespace subbyte::sim
