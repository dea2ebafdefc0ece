// Scatter plots as SVG files.
#pragma once

#include <string>

#include "reports/record.hpp"

namespace subbyte::reports {

/// Draws a scatter plot as an SVG file that stands alone, on white, with one colour per series and a legend. Marked
/// points are ringed and named by column `label`; they are a Pareto front of more objectives than two axes show, so no
/// line joins them. Rows whose x or y is not a number are left out.
std::string scatter_picture(const Scatter& scatter, const Table& table);

}  // namespace subbyte::reports
