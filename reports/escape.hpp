// Texts of records inside HTML and SVG.
#pragma once

#include <string>
#include <string_view>

#include "reports/escape.hpp"

namespace subbyte::reports {

/// Returns a text that is safe inside HTML elements and quoted attributes.
std::string escape(std::string_view text);

}  // namespace subbyte::reports
