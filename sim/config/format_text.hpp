// The documentation of one format, generated from its data.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "quant/formats/format.hpp"
#include "reports/record.hpp"
#include "sim/config/format_file.hpp"

namespace subbyte::sim {

/// Terms of the costliest level, the PE's cycles per weight and lane; null for a format that no term program describes.
nlohmann::ordered_json cycles_of(const quant::Format& format);

/// Everything a reader needs to decode the format by hand: {"id","source","alphabet":{...},"scaling":{... and "clips"
/// where clipping_text() says something},"layout",
/// "ties","arithmetic","nominal_bits_per_weight","bits_per_weight_at_4096_columns","cycles_per_weight", and where a
/// term program exists not "why_no_terms"}.
nlohmann::ordered_json document(const quant::Format& format);

/// Returns what becomes of weights beyond the shorter end of lopsided levels, since absmax puts the largest magnitude
/// on the longer one: "levels from -1 to 8: ...". It is "" where levels reach equally far or each group chooses among
/// special values, and for rows of the table, whose rules are those of their sources.
std::string clipping_text(const quant::Format& format);
/// Returns that of every format of some layers that has one, each once, as "FORMAT has levels from ...".
std::vector<std::string> clipping_texts(const LayerFormats& layers);

/// Its levels: code, level under each selector, terms of the level (null without a term program).
reports::Table level_table(const quant::Format& format);

}  // namespace subbyte::sim
