// Makes translate filters, which are small programs that GTKWave runs to show a field's bits as its value.
#pragma once

#include <optional>
#include <string>

#include "kernels/contract/stimulus.hpp"
#include "kernels/contract/unit.hpp"

namespace subbyte::sim {

/// Returns the text of a GTKWave process filter (Python) for a field, or nothing where plain digits say it
/// all. FP16 and FP32 fields show their number, terms show ±2^k, and codes show the level that the program of
/// `stimulus` gives them.
std::optional<std::string> wave_filter(const kernels::Field& field, const kernels::Parameters& parameters,
                                       const kernels::Stimulus& stimulus);

/// How a save file names a filter that it holds itself: GTKWave takes the first word for a program and the rest of the
/// line for its one argument, here Python's -c with the script in base64, which has neither blanks nor quotes.
std::string filter_command(const std::string& script);

}  // namespace subbyte::sim
