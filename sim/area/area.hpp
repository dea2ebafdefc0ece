// What `subbyte synth` says: area per multiply-accumulate and cycle, the published figures beside ours,
// tables and JSON.
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

/// What path figures come from.
inline constexpr std::string_view kPathSource = "own static timing over the library's tables";

/// One format on a bit-serial tile beside the FP16 baseline. Rates are peak: no fill, drain or scale-bound
/// groups.
struct FormatArea {
  std::string format;
  unsigned terms = 0;              ///< cycles per weight (quant::lower)
  double tile_macs_per_cycle = 0;  ///< rows * cols * lanes / terms
  double tile_um2_per_mac = 0;     ///< area of the tile over that rate
  double baseline_um2_per_mac = 0;
  double ratio = 0;                       ///< tile over baseline
  std::optional<double> published_ratio;  ///< the same from HPCA'25 Table X, for the formats its hardware runs
};

/// Rows for every format of the table that the tile runs at its parameters. Throws std::invalid_argument
/// unless the results are of `bitserial_tile` and the baseline.
std::vector<FormatArea> format_areas(const SynthesisResult& tile, const SynthesisResult& baseline);

/// A published figure beside ours.
struct PublishedFigure {
  std::string name;
  double ours = 0;
  double published = 0;
  std::string source;  ///< where the published figure stands and how it follows from the paper's numbers
  std::string remark;  ///< why ours differs
};
/// Rows of sim/area/published.cpp whose units and points are all among `results`.
std::vector<PublishedFigure> published_figures(std::span<const SynthesisResult> results);

/// BitMoD, HPCA'25, Table X: areas of a tile in 28 nm at 1 GHz, of one with FP16 PEs and of one with BitMoD PEs.
struct PublishedTile {
  double fp16_pes_um2 = 95498, pes_um2 = 97090, encoder_um2 = 2419;
  double fp16_pes = 48, pes = 64;
  double lane_macs = 64 * 4;  ///< per cycle, of one term

  constexpr double fp16_pe_um2() const { return fp16_pes_um2 / fp16_pes; }
  constexpr double pe_um2() const { return pes_um2 / pes; }
};

/// The published datapath's widths (HPCA'25, Fig. 5 and its RTL) as a parameter point of our PE and
/// dequantizer: 3 bits kept in alignment, a 15-bit signed accumulator, truncation. Alignment still follows
/// the term's shift.
kernels::Parameters published_pe_parameters();
kernels::Parameters published_dequant_parameters();

/// nullptr when `results` holds no such unit.
const SynthesisResult* result_of(std::span<const SynthesisResult> results, std::string_view unit);

/// Everything as a result record: modules and paths per unit, formats, published figures, provenance.
reports::Record synth_record(std::span<const SynthesisResult> results, const CellLibrary& library);

/// The JSON object of `subbyte synth --json`; its keys are in the command's help.
nlohmann::ordered_json synth_json(std::span<const SynthesisResult> results, const CellLibrary& library);

// What both reports say alike.
nlohmann::ordered_json library_json(const CellLibrary& library);
nlohmann::ordered_json tools_json(const SynthesisTools& tools);
nlohmann::ordered_json published_json(const std::vector<PublishedFigure>& figures);
reports::Table published_table(const std::vector<PublishedFigure>& figures);

/// "osu018_stdcells (typical: 1.8 V, 25 C, process 1)".
std::string corner_text(const CellLibrary& library);

}  // namespace subbyte::sim
