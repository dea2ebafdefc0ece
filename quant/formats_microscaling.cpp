#include "quant/formats.hpp"

namespace subbyte::quant {

std::vector<FormatRow> microscaling_formats() { return {}; }

}  // namespace subbyte::quant
