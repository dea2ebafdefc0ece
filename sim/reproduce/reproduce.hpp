// Published figures beside ours. There is one Reproduction per claim, and one line per reproduction in table.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reports/record.hpp"

namespace subbyte::sim {

struct ReproduceOptions {
  std::size_t samples = std::size_t{1} << 22U;  ///< random numbers per measurement
  std::uint64_t seed = 1;
  /// technologies or Liberty files, Reproduction::most_libraries at most; none: osu018
  std::vector<std::string> libraries;
};

/// One published number and ours.
struct Figure {
  std::string what;
  std::string unit;
  double published = 0;
  std::optional<double> ours;       ///< nothing: it could not be made, the note says why
  std::optional<double> tolerance;  ///< |ours - published| that counts as agreement; nothing: for information
  std::string note;
};

/// "agrees", "differs", "missing" (no figure of ours though one is judged) or "for information".
std::string_view verdict(const Figure& figure);

struct Reproduced {
  reports::Record record;
  bool agrees = true;      ///< no judged figure differs or is missing
  std::size_t judged = 0;  ///< figures with a tolerance
  std::string judges;      ///< what is judged, where a verdict would say too much without it
};

/// Adds a table: figure, unit, published, ours, difference, tolerance, verdict, note.
void add_figures(Reproduced& result, std::string title, std::span<const Figure> figures, std::string note);

struct Reproduction {
  std::string_view name;
  std::string_view summary;  ///< one line for the list
  std::string_view source;   ///< where the figures were published
  Reproduced (*run)(const ReproduceOptions& options);
  std::size_t most_libraries = 0;  ///< cell libraries that it takes at once (ReproduceOptions::libraries)
  bool samples = false;            ///< whether it heeds ReproduceOptions::samples
};

/// Every reproduction, in the order they are listed.
std::span<const Reproduction> reproductions();
/// Throws InputError with the nearest name.
const Reproduction& find_reproduction(std::string_view name);

Reproduced reproduce_int_vs_fp(const ReproduceOptions& options);
Reproduced reproduce_int_vs_fp_hardware(const ReproduceOptions& options);
Reproduced reproduce_operations(const ReproduceOptions& options);
Reproduced reproduce_bitmod_hardware(const ReproduceOptions& options);

}  // namespace subbyte::sim
