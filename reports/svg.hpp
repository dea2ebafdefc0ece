// Scatter plots as SVG files.
#pragma once

#include <string>

#include "reports/record.hpp"

namespace subbyte::reports {

/// A scatter plot as an SVG file that stands alone, on white: one colour per series, marked points ringed (a Pareto
/// front of more objectives than two axes show, so it is not joined) and named by column `label`, a legend. Rows whose
/// x or y is not a number are left out.
std::string scatter_picture(const Scatter& scatter, const Table& table);

}  // namespace subbyte::reports
