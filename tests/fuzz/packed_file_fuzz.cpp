// libFuzzer target that reads any bytes as a packed file. The checksum is repaired first where the header gives a place
// for it, because no mutation would ever get past it otherwise.
#include <algorithm>
#include <string>
#include <vector>

#include "sim/packed/packed_file.hpp"
#include "tests/fuzz/reader_fuzz.hpp"

namespace {

/// Writes the checksum that the error names over the stored one.
void repair(std::vector<std::uint8_t>& bytes) {
  try {
    subbyte::sim::PackedFile::parse(subbyte::sim::FileBytes::own(bytes, "fuzz"));
  } catch (const subbyte::sim::InputError& error) {
    const std::string text = error.what();
    const std::string given = "the contents give ";
    const std::string expected = "expected the stored ";
    const std::size_t at = text.find(given);
    const std::size_t stored_at = text.find(expected);
    if (at == std::string::npos || stored_at == std::string::npos) return;
    const std::string stored = text.substr(stored_at + expected.size(), 16);
    const auto found = std::string(bytes.begin(), bytes.end()).find("\"xxh3_64\":\"" + stored);
    if (found == std::string::npos) return;
    const std::string digits = text.substr(at + given.size(), 16);
    std::copy(digits.begin(), digits.end(), bytes.begin() + static_cast<std::ptrdiff_t>(found + 11));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::uint8_t> bytes(data, data + size);
  repair(bytes);
  return subbyte::sim::read_all(bytes.data(), bytes.size(), subbyte::sim::PackedFile::parse);
}
