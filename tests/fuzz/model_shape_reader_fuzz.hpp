// What the reader of a config.json owes to any bytes: a shape whose layers can be counted, or an InputError.
#pragma once

#include <string_view>

#include "sim/base/input_error.hpp"
#include "sim/workload/model_shape_file.hpp"

namespace subbyte::sim {

/// Returns whether the text is a config.json with a shape. Any exception but InputError escapes.
inline bool read_any_config(std::string_view text) {
  try {
    const ModelShape shape = read_hf_model_shape(FileBytes::own({text.begin(), text.end()}, "config.json")).shape;
    return parameter_count(shape) > 0 && !linear_layers(shape).empty() && !attention_products(shape, 1).empty();
  } catch (const InputError&) {
    return false;
  }
}

}  // namespace subbyte::sim
