// Scatter plots as inline SVG.
#pragma once

#include <string>
#include <string_view>

#include "reports/record.hpp"

namespace subbyte::reports {

/// Text safe inside HTML elements and attributes.
std::string escape(std::string_view text);

/// An inline <svg> with axes, one colour per series, marked points ringed (a Pareto front of more
/// objectives than two axes show, so it is not joined), a legend, and every row of the
/// table as the point's tooltip. Rows whose x or y is not a number are left out.
std::string scatter_svg(const Scatter& scatter, const Table& table);

/// The same plot as an SVG file that stands alone, on white; marked points carry the text of column `label`.
std::string scatter_picture(const Scatter& scatter, const Table& table);

}  // namespace subbyte::reports
