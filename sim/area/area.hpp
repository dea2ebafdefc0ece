// What `subbyte synth` says of one unit: its area per multiply-accumulate and cycle, the published figures beside
// ours, as tables and as JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reports/record.hpp"
#include "sim/synthesis/synthesis.hpp"

namespace subbyte::sim {

/// Names what the figures of paths come from, for the reports.
inline constexpr std::string_view kPathSource = "own static timing over the library's tables";

/// Holds one format on a bit-serial tile beside the FP16 baseline. Rates are peak rates: they leave out filling,
/// draining and groups whose scale takes longer than their weights.
struct FormatArea {
  std::string format;
  unsigned terms = 0;              ///< cycles per weight (quant::lower)
  double tile_macs_per_cycle = 0;  ///< rows * cols * lanes / terms
  double tile_um2_per_mac = 0;     ///< area of the tile over tile_macs_per_cycle
  double baseline_um2_per_mac = 0;
  double ratio = 0;  ///< um2 per MAC of the tile over that of the baseline
  /// the same ratio from HPCA'25 Table X, for the formats that its hardware runs
  std::optional<double> published_ratio;
};

/// Returns a row for every format of the table that the tile runs at its parameters. Throws std::invalid_argument
/// unless the results are of `bitserial_tile` and of the baseline.
std::vector<FormatArea> format_areas(const SynthesisResult& tile, const SynthesisResult& baseline);

/// A published figure beside ours.
struct PublishedFigure {
  std::string name;
  double ours = 0;
  double published = 0;
  std::string source;  ///< where the published figure stands and how it follows from the paper's numbers
  std::string remark;  ///< why ours differs
};
/// Returns the rows of sim/area/published.cpp whose units and points are all among `results`.
std::vector<PublishedFigure> published_figures(std::span<const SynthesisResult> results);

/// Holds the areas of BitMoD, HPCA'25, Table X, in 28 nm at 1 GHz: a tile of FP16 PEs and a tile of BitMoD PEs.
struct PublishedTile {
  double fp16_pes_um2 = 95498, pes_um2 = 97090, encoder_um2 = 2419;
  double fp16_pes = 48, pes = 64;
  double lane_macs = 64 * 4;  ///< one-term MACs of all lanes per cycle

  constexpr double fp16_pe_um2() const { return fp16_pes_um2 / fp16_pes; }
  constexpr double pe_um2() const { return pes_um2 / pes; }
};

/// The published datapath's widths (HPCA'25, Fig. 5 and its RTL) as a parameter point of our PE and dequantizer:
/// alignment keeps 3 bits, the accumulator is signed and has 15 bits, and results are truncated. Alignment
/// still follows the term's shift.
kernels::Parameters published_pe_parameters();
kernels::Parameters published_dequant_parameters();

/// Returns nullptr when `results` holds no such unit.
const SynthesisResult* result_of(std::span<const SynthesisResult> results, std::string_view unit);

/// Returns everything as a result record: modules and paths per unit, formats, published figures and provenance.
reports::Record synth_record(std::span<const SynthesisResult> results, const CellLibrary& library);

/// Returns the JSON object of `subbyte synth --json`; its keys are in the command's help.
nlohmann::ordered_json synth_json(std::span<const SynthesisResult> results, const CellLibrary& library);

// The rest is what the reports of one unit and of all units say alike.
nlohmann::ordered_json library_json(const CellLibrary& library);
nlohmann::ordered_json tools_json(const SynthesisTools& tools);
nlohmann::ordered_json published_json(const std::vector<PublishedFigure>& figures);
reports::Table published_table(const std::vector<PublishedFigure>& figures);

/// Describes the library and its corner, as in "osu018_stdcells (typical: 1.8 V, 25 C, process 1)".
std::string corner_text(const CellLibrary& library);

}  // namespace subbyte::sim
