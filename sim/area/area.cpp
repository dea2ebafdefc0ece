#include "sim/area/area.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "quant/formats/format.hpp"
#include "quant/formats/term_program.hpp"

namespace subbyte::sim {
namespace {

constexpr std::string_view kTile = "bitserial_tile";

// BitMoD, HPCA'25, Table X, per tile at 1 GHz in 28 nm: 48 FP16 PEs 95,498 um2; 64 BitMoD PEs 97,090 um2 and
// encoder 2,419 um2.
constexpr double kPublishedBaselinePe = 95498.0 / 48;
constexpr double kPublishedPe = 97090.0 / 64;
constexpr double kPublishedEncoder = 2419;
constexpr double kPublishedPes = 97090;
constexpr double kPublishedLaneMacs = 64 * 4;

/// Formats the published hardware runs (HPCA'25, Section IV): the same number of terms as here.
constexpr std::array<std::string_view, 5> kPublishedFormats{"bitmod-fp3", "bitmod-fp4", "int5", "int6", "int8"};

void require(const SynthesisResult& result, std::string_view unit) {
  if (result.unit->name != unit)
    throw std::invalid_argument(fmt::format("expected a result of {}, got {}", unit, result.unit->name));
}

double baseline_um2_per_mac(const SynthesisResult& baseline) {
  return baseline.area_um2 / static_cast<double>(baseline.parameters.at("rows") * baseline.parameters.at("cols"));
}

}  // namespace

std::string corner_text(const CellLibrary& library) {
  return fmt::format("{} ({}: {:g} V, {:g} C, process {:g})", library.name, library.corner, library.voltage_v,
                     library.temperature_c, library.process);
}

std::vector<FormatArea> format_areas(const SynthesisResult& tile, const SynthesisResult& baseline) {
  require(tile, kTile);
  require(baseline, kBaselineUnit);
  const kernels::UnitInfo& info = *tile.unit;
  const auto lanes =
      static_cast<double>(tile.parameters.at("rows") * tile.parameters.at("cols") * tile.parameters.at("lanes"));
  std::vector<FormatArea> areas;
  for (const quant::FormatRow& row : quant::format_table()) {
    if (info.unsupported(tile.parameters, row.format)) continue;
    FormatArea area;
    area.format = row.name;
    area.terms = quant::lower(row.format).terms;
    area.tile_macs_per_cycle = lanes / area.terms;
    area.tile_um2_per_mac = tile.area_um2 / area.tile_macs_per_cycle;
    area.baseline_um2_per_mac = baseline_um2_per_mac(baseline);
    area.ratio = area.tile_um2_per_mac / area.baseline_um2_per_mac;
    if (std::find(kPublishedFormats.begin(), kPublishedFormats.end(), row.name) != kPublishedFormats.end()) {
      area.published_ratio =
          (kPublishedPes + kPublishedEncoder) * area.terms / kPublishedLaneMacs / kPublishedBaselinePe;
    }
    areas.push_back(area);
  }
  return areas;
}

kernels::Parameters published_pe_parameters() {
  return {{"align_bits", 3}, {"acc_width", 14}, {"guard_bits", 1}, {"rounding", 1}};
}

kernels::Parameters published_dequant_parameters() { return {{"mantissa_width", 15}}; }

const SynthesisResult* result_of(std::span<const SynthesisResult> results, std::string_view unit) {
  const auto found =
      std::find_if(results.begin(), results.end(), [&](const auto& result) { return result.unit->name == unit; });
  return found == results.end() ? nullptr : &*found;
}

}  // namespace subbyte::sim
