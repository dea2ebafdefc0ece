// Lists ggml's tensor types with their numbers, names and block sizes. Source: github.com/ggml-org/ggml, ggml.h and
// ggml.c (type_traits).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace subbyte::sim {

inline constexpr std::uint32_t kGgmlF32 = 0;
inline constexpr std::uint32_t kGgmlF16 = 1;
inline constexpr std::uint32_t kGgmlBf16 = 30;
inline constexpr std::uint32_t kGgmlNvfp4 = 40;
inline constexpr std::uint32_t kGgmlQ2_0 = 42;
/// This is STQ1_0's own number; the first released files have it as 42, which ggml then gave to Q2_0.
inline constexpr std::uint32_t kGgmlStq1_0 = 43;

/// Rows of a type are whole blocks of `weights` weights in `bytes` bytes. A type that ggml withdrew has 0 bytes.
struct GgmlType {
  std::string_view name;
  std::size_t weights = 1;
  std::size_t bytes = 0;
};
/// Returns nothing for a number past the table.
const GgmlType* ggml_type(std::uint32_t number);
/// Returns its name, or "number N".
std::string ggml_type_name(std::uint32_t number);

}  // namespace subbyte::sim
