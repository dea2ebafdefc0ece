// The documentation of one format, generated from its data.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "quant/formats/format.hpp"
#include "reports/record.hpp"

namespace subbyte::sim {

/// Terms of the costliest level, the PE's cycles per weight and lane; null for a format that no term program describes.
nlohmann::ordered_json cycles_of(const quant::Format& format);

/// Everything a reader needs to decode the format by hand: {"id","source","alphabet":{...},"scaling":{...},"layout",
/// "ties","arithmetic","nominal_bits_per_weight","bits_per_weight_at_4096_columns","cycles_per_weight", and where a
/// term program exists not "why_no_terms"}.
nlohmann::ordered_json document(const quant::Format& format);

/// Its levels: code, level under each selector, terms of the level (null without a term program).
reports::Table level_table(const quant::Format& format);

}  // namespace subbyte::sim
