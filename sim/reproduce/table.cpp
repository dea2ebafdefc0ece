// The table of reproductions, with one line per claim.
#include <array>
#include <cmath>

#include "quant/base/suggestion.hpp"
#include "sim/base/input_error.hpp"
#include "sim/reproduce/reproduce.hpp"

namespace subbyte::sim {
namespace {

constexpr std::array kReproductions{
    Reproduction{"int-vs-fp",
                 "INT against FP microscaling: crest factors where they are equal, and QSNR on Gaussian weights",
                 "arXiv 2510.25602, theorems 1 and 2; BitMoD, HPCA 2025; Sherry", reproduce_int_vs_fp, 0, true},
    Reproduction{"int-vs-fp-hardware",
                 "area and energy of MXFP8, MXINT8, NVFP4 and NVINT4 dot products, synthesised and simulated",
                 "arXiv 2510.25602, normalised area and energy", reproduce_int_vs_fp_hardware, 1},
    Reproduction{"operations", "energy of adders and multipliers, INT and FP16, in any cell libraries (--liberty)",
                 "Horowitz, ISSCC 2014 (45 nm); Jouppi et al., ISCA 2021 (7 nm)", reproduce_operations, SIZE_MAX, true},
    Reproduction{"bitmod", "cycles and speedups of BitMoD, ANT, OliVe and FP16 accelerators on six language models",
                 "BitMoD, HPCA 2025, its published simulator (November 2024 and July 2025)", reproduce_bitmod, 0, false,
                 false},
    Reproduction{"bitmod-hardware",
                 "energy per MAC of bit-serial, ternary and FP16 tiles on trained and on random weights",
                 "BitMoD, HPCA 2025, Table X and its simulator's constants", reproduce_bitmod_hardware, 1},
};

}  // namespace

std::span<const Reproduction> reproductions() { return kReproductions; }

const Reproduction& find_reproduction(std::string_view name) {
  std::vector<std::string> names;
  for (const Reproduction& row : kReproductions) {
    if (row.name == name) return row;
    names.emplace_back(row.name);
  }
  throw InputError("", "reproduce",
                   "unknown reproduction '" + std::string(name) + "'; " + quant::suggestion(name, names));
}

std::string_view verdict(const Figure& figure) {
  if (!figure.tolerance) return "for information";
  if (!figure.ours) return "missing";
  return std::abs(*figure.ours - figure.published) <= *figure.tolerance ? "agrees" : "differs";
}

void add_figures(Reproduced& result, std::string title, std::span<const Figure> figures, std::string note) {
  reports::Table table{std::move(title),
                       {{"figure", "", "", 4},
                        {"unit", "", "", 4},
                        {"published", "", "", 4},
                        {"ours", "", "", 4},
                        {"difference", "", "ours - published", 2},
                        {"tolerance", "", "", 2},
                        {"verdict", "", "", 4},
                        {"note", "", "", 4}},
                       {},
                       std::move(note)};
  const auto cell = [](const std::optional<double>& value) {
    return value && std::isfinite(*value) ? nlohmann::json(*value) : nlohmann::json();
  };
  for (const Figure& figure : figures) {
    const auto difference = cell(figure.ours.value_or(NAN) - figure.published);
    table.rows.push_back({figure.what, figure.unit, figure.published, cell(figure.ours), difference,
                          cell(figure.tolerance), std::string(verdict(figure)), figure.note});
    result.agrees &= verdict(figure) == "agrees" || !figure.tolerance;
    result.judged += figure.tolerance ? 1 : 0;
  }
  result.record.tables.push_back(std::move(table));
}

}  // namespace subbyte::sim
