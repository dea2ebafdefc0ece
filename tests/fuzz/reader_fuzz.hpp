// What every reader owes to any bytes: a model that loads, or an InputError. The fuzz targets and their corpus test
// share it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sim/base/file_bytes.hpp"
#include "sim/base/input_error.hpp"

namespace subbyte::sim {

/// Opens the bytes with `open` and loads every layer. Any exception but InputError escapes, and with it a
/// finding.
template <typename Open>
int read_all(const std::uint8_t* data, std::size_t size, Open open) {
  try {
    const auto opened = open(FileBytes::own({data, data + size}, "fuzz"));
    for (const auto& layer : opened.layers()) {
      try {
        opened.load(layer.name);
      } catch (const InputError&) {
        continue;  // A layer that is refused must not hide the others.
      }
    }
  } catch (const InputError&) {
    return 0;
  }
  return 0;
}

}  // namespace subbyte::sim
