// Published figures beside ours. There is one Reproduction per claim, with one line in table.cpp.
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
  std::size_t samples = std::size_t{1} << 22U;  ///< random numbers that each measurement draws
  std::uint64_t seed = 1;
  /// technologies or Liberty files, at most Reproduction::most_libraries of them; where there are none, osu018 is used
  std::vector<std::string> libraries;
};

/// Holds one published number and ours.
struct Figure {
  std::string what;
  std::string unit;
  double published = 0;
  std::optional<double> ours;  ///< empty where it could not be made, and then the note says why
  /// the |ours - published| that counts as agreement; empty where the figure is for information
  std::optional<double> tolerance;
  std::string note;
};

/// Returns "agrees", "differs", "missing" (where a judged figure has none of ours) or "for information".
std::string_view verdict(const Figure& figure);

struct Reproduced {
  reports::Record record;
  bool agrees = true;      ///< whether no judged figure differs or is missing
  std::size_t judged = 0;  ///< number of figures with a tolerance
  std::string judges;      ///< what is judged, where a verdict would say too much without it
};

/// Adds a table with the columns figure, unit, published, ours, difference, tolerance, verdict and note.
void add_figures(Reproduced& result, std::string title, std::span<const Figure> figures, std::string note);

struct Reproduction {
  std::string_view name;
  std::string_view summary;  ///< one line for the list of reproductions
  std::string_view source;   ///< where the figures were published
  Reproduced (*run)(const ReproduceOptions& options);
  std::size_t most_libraries = 0;  ///< how many cell libraries it takes at once (ReproduceOptions::libraries)
  bool samples = false;            ///< whether it heeds ReproduceOptions::samples
  bool draws = true;               ///< whether it draws random numbers, from ReproduceOptions::seed
};

/// Returns every reproduction, in the order in which they are listed.
std::span<const Reproduction> reproductions();
/// Returns the reproduction of that name. Throws InputError, which tells the nearest name.
const Reproduction& find_reproduction(std::string_view name);

Reproduced reproduce_int_vs_fp(const ReproduceOptions& options);
Reproduced reproduce_int_vs_fp_hardware(const ReproduceOptions& options);
Reproduced reproduce_operations(const ReproduceOptions& options);
Reproduced reproduce_bitmod(const ReproduceOptions& options);
Reproduced reproduce_bitmod_hardware(const ReproduceOptions& options);

}  // namespace subbyte::sim
