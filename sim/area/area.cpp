#include "sim/area/area.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "quant/formats/format.hpp"
#include "quant/formats/term_program.hpp"

namespace subbyte::sim {
namespace {

constexpr std::string_view kTile = "bitserial_tile";

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
    if (row.uses.published_pe) {
      constexpr PublishedTile kPublished;
      area.published_ratio =
          (kPublished.pes_um2 + kPublished.encoder_um2) * area.terms / kPublished.lane_macs / kPublished.fp16_pe_um2();
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
