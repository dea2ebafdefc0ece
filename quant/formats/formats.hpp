// Declares the makers of the table's rows, one per family; each is in formats_<family>.cpp.
#pragma once

#include <string>
#include <vector>

#include "quant/formats/format.hpp"

namespace subbyte::quant {

/// A row from its maker. `format` is filled in at the default options.
FormatRow make_row(std::string name, FormatFamily family, std::string summary, std::string source,
                   std::vector<FormatOption> options, std::function<Format(const OptionValues&)> build,
                   FormatUses uses = {});

std::vector<FormatRow> integer_formats();       ///< int2..8, asymmetric ones, nested8, matquant8
std::vector<FormatRow> ternary_formats();       ///< ternary, ternary-5in8, sherry
std::vector<FormatRow> microscaling_formats();  ///< mx*, nv*, fp4-ue5m3, four-over-six, razer, bfp
std::vector<FormatRow> minifloat_formats();     ///< e{X}m{Y}
std::vector<FormatRow> table_formats();         ///< bitmod-*, pot4, apot4, bcq, flint4, ant, nf4

}  // namespace subbyte::quant
