#include "quant/formats.hpp"

namespace subbyte::quant {

std::vector<FormatRow> ternary_formats() { return {}; }

}  // namespace subbyte::quant
