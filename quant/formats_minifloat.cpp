#include "quant/formats.hpp"

namespace subbyte::quant {

std::vector<FormatRow> minifloat_formats() { return {}; }

}  // namespace subbyte::quant
