// Texts of records inside HTML and SVG.
#pragma once

#include <string>
#include <string_view>

#include "reports/escape.hpp"

namespace subbyte::reports {

/// Text safe inside HTML elements and quoted attributes.
std::string escape(std::string_view text);

}  // namespace subbyte::reports
