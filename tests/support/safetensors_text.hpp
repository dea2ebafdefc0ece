// A safetensors file from a list of tensors.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "sim/files/safetensors.hpp"

namespace subbyte::tests {

struct Entry {
  std::string name;
  std::string dtype;
  std::vector<std::size_t> shape;
  std::string bytes;
};

/// The tensors one behind the other, behind their header.
inline std::string checkpoint(const std::vector<Entry>& entries) {
  std::vector<sim::SafetensorsField> fields;
  std::string data;
  for (const Entry& entry : entries) {
    fields.push_back({entry.name, entry.dtype, entry.shape, entry.bytes.size()});
    data += entry.bytes;
  }
  return sim::safetensors_header(fields, {}) + data;
}

}  // namespace subbyte::tests
