// Reads and writes NumPy .npy files, header versions 1 to 3. Source: numpy.lib.format, "A simple file format for NumPy
// arrays".
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sim/base/file_bytes.hpp"
#include "sim/files/stored_tensor.hpp"

namespace subbyte::sim {

/// Returns the one array of the file. Its elements are f2, f4, f8, i1, i2, i4, i8, u1, u2 or u4, little-endian, in C
/// order or (when two-dimensional) Fortran order. The data must fill the rest of the file. Throws InputError.
StoredTensor read_npy_header(const FileBytes& file);

/// Writes a version 1 file of row-major values. Throws InputError when it cannot be written; the file appears whole or
/// not at all.
void write_npy(const std::string& path, std::span<const std::size_t> shape, std::span<const float> values);
void write_npy(const std::string& path, std::span<const std::size_t> shape, std::span<const std::int16_t> values);
void write_npy(const std::string& path, std::span<const std::size_t> shape, std::span<const std::uint8_t> values);

}  // namespace subbyte::sim
