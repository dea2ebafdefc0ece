#include "sim/synth_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "quant/format.hpp"
#include "quant/term_program.hpp"

namespace subbyte::sim {
namespace {

constexpr std::string_view kTile = "bitserial_tile";

// BitMoD, HPCA'25, Table X, per tile at 1 GHz in 28 nm: 48 FP16 PEs 95,498 um2; 64 BitMoD PEs 97,090 um2 and encoder 2,419 um2.
constexpr double kPublishedBaselinePe = 95498.0 / 48;
constexpr double kPublishedPe = 97090.0 / 64;
constexpr double kPublishedEncoder = 2419;
constexpr double kPublishedPes = 97090;
constexpr double kPublishedLaneMacs = 64 * 4;
constexpr const char* kPublishedSource = "BitMoD, HPCA'25, Table X";

/// Formats the published hardware runs (HPCA'25, Section IV): the same number of terms as here.
constexpr std::array<std::string_view, 5> kPublishedFormats{"bitmod-fp3", "bitmod-fp4", "int5", "int6", "int8"};

constexpr const char* kPeRemark =
    "ours aligns after the term's shift, keeps more alignment and accumulator bits, rounds to nearest even and takes FP16 "
    "subnormals (worst-case error 5e-4), where the published PE aligns before the shift and truncates (2.4e-2 for INT8); our "
    "baseline decodes operands once per row and column; an open flow (abc) without retiming at 180 nm or other libraries, "
    "theirs a commercial one in 28 nm at 1 GHz; the published FP16 PE's accumulator is not specified, ours is FP32";
constexpr const char* kEncoderRemark =
    "ours holds a writable table and decodes Booth digits and table entries for every lane; the published one has fixed logic";

void require(const SynthesisResult& result, std::string_view unit) {
  if (result.unit != unit) throw std::invalid_argument(fmt::format("expected a result of {}, got {}", unit, result.unit));
}

double baseline_um2_per_mac(const SynthesisResult& baseline) {
  return baseline.area_um2 / static_cast<double>(baseline.parameters.at("rows") * baseline.parameters.at("cols"));
}

double pe_area(const SynthesisResult& tile) {
  double area = 0;
  for (const SynthesizedModule& module : tile.modules) {
    if (module.name == "bitserial_pe" || module.name == "group_dequant") area += module.area_um2;
  }
  return area;
}

double mac_area(const SynthesisResult& baseline) {
  const auto found = std::find_if(baseline.modules.begin(), baseline.modules.end(),
                                  [](const SynthesizedModule& module) { return module.name == "fp16_mac"; });
  if (found == baseline.modules.end()) throw std::invalid_argument("the baseline has no module fp16_mac");
  return found->area_um2;
}

}  // namespace

std::string corner_text(const Library& library) {
  return fmt::format("{} ({}: {:g} V, {:g} C, process {:g})", library.name, library.corner, library.voltage_v,
                     library.temperature_c, library.process);
}

std::vector<FormatArea> format_areas(const SynthesisResult& tile, const SynthesisResult& baseline) {
  require(tile, kTile);
  require(baseline, kBaselineUnit);
  const kernels::UnitInfo& info = kernels::unit(kTile);
  const auto lanes = static_cast<double>(tile.parameters.at("rows") * tile.parameters.at("cols") * tile.parameters.at("lanes"));
  std::vector<FormatArea> areas;
  for (const quant::FormatRow& row : quant::format_table()) {
    if (info.unsupported && !info.unsupported(tile.parameters, row.format).empty()) continue;
    FormatArea area;
    area.format = row.name;
    area.terms = quant::lower(row.format).terms;
    area.tile_macs_per_cycle = lanes / area.terms;
    area.tile_um2_per_mac = tile.area_um2 / area.tile_macs_per_cycle;
    area.baseline_um2_per_mac = baseline_um2_per_mac(baseline);
    area.ratio = area.tile_um2_per_mac / area.baseline_um2_per_mac;
    if (std::find(kPublishedFormats.begin(), kPublishedFormats.end(), row.name) != kPublishedFormats.end()) {
      area.published_ratio = (kPublishedPes + kPublishedEncoder) * area.terms / kPublishedLaneMacs / kPublishedBaselinePe;
    }
    areas.push_back(area);
  }
  return areas;
}

std::vector<PublishedFigure> published_figures(const SynthesisResult& tile, const SynthesisResult& baseline) {
  require(tile, kTile);
  require(baseline, kBaselineUnit);
  const double pes = tile.area_of("bitserial_pe") + tile.area_of("group_dequant");
  return {{"PE area over FP16 MAC area (PE = bitserial_pe + group_dequant)", pe_area(tile) / mac_area(baseline),
           kPublishedPe / kPublishedBaselinePe, fmt::format("{}: (97090/64) / (95498/48) um2", kPublishedSource), kPeRemark},
          {"term encoder area over all PEs", tile.area_of("term_encoder") / pes, kPublishedEncoder / kPublishedPes,
           fmt::format("{}: 2419 / 97090 um2", kPublishedSource), kEncoderRemark}};
}

}  // namespace subbyte::sim
