#include "sim/area/published.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "kernels/catalogue.hpp"
#include "sim/area/area.hpp"

namespace subbyte::sim {
namespace {

using Results = std::span<const SynthesisResult* const>;

/// Returns the area of one instance of a module.
double instance_area(const SynthesisResult& result, std::string_view module) {
  for (const SynthesizedModule& candidate : result.modules) {
    if (candidate.module == module) return candidate.area_um2;
  }
  throw std::invalid_argument(fmt::format("{} has no module {}", result.unit->name, module));
}

double um2_per_mac(const SynthesisResult& result) {
  return result.area_um2 / result.unit->work_per_cycle(result.parameters).macs;
}

double ge_per_weight(const SynthesisResult& result) {
  return result.gate_equivalents / result.unit->work_per_cycle(result.parameters).weights;
}

double first_over_second_per_mac(Results results) { return um2_per_mac(*results[0]) / um2_per_mac(*results[1]); }

double first_ge_per_weight(Results results) { return ge_per_weight(*results[0]); }

double pe_over_fp16(Results results) {
  return (instance_area(*results[0], "bitserial_pe") + instance_area(*results[0], "group_dequant")) /
         instance_area(*results[1], "fp16_mac");
}

double narrow_pe_over_fp16(Results results) {
  return (results[0]->area_um2 + results[1]->area_um2) / instance_area(*results[2], "fp16_mac");
}

double encoder_over_pes(Results results) {
  return results[0]->area_of("term_encoder") /
         (results[0]->area_of("bitserial_pe") + results[0]->area_of("group_dequant"));
}

constexpr const char* kPeRemark =
    "ours aligns after the term's shift, keeps more alignment and accumulator bits, rounds to nearest even "
    "and takes FP16 "
    "subnormals (worst-case error 5e-4), where the published PE aligns before the shift and truncates "
    "(2.4e-2 for INT8); our "
    "dequantizer is buffered to overlap with the next group; our baseline decodes operands once per row and "
    "column and sums in "
    "FP32, the published one's accumulator is not specified; an open flow (abc, no retiming) against a "
    "commercial one in 28 nm "
    "at 1 GHz";
constexpr const char* kNarrowRemark =
    "alignment 3 bits, 15-bit accumulator, truncation, but still aligned after the term's shift, with "
    "subnormals and handshakes";
constexpr const char* kEncoderRemark =
    "ours holds a writable table and decodes Booth digits and table entries for every lane; the published "
    "one has fixed logic";

std::vector<PublishedRow> bitmod_rows() {
  const std::string table = "BitMoD, HPCA'25, Table X";
  constexpr PublishedTile kTile;
  const double pe = kTile.pe_um2() / kTile.fp16_pe_um2();
  const std::string source = table + ": (97090/64) / (95498/48) um2";
  return {{"PE (bitserial_pe + group_dequant) over FP16 MAC, area",
           {{&kernels::unit("bitserial_tile"), {}}, {&kernels::unit("fp16_mac_tile"), {}}},
           pe_over_fp16,
           pe,
           source,
           kPeRemark},
          {"the same at the published widths",
           {{&kernels::unit("bitserial_pe"), published_pe_parameters()},
            {&kernels::unit("group_dequant"), published_dequant_parameters()},
            {&kernels::unit("fp16_mac_tile"), {}}},
           narrow_pe_over_fp16,
           pe,
           source,
           kNarrowRemark},
          {"term encoder over all PEs, area",
           {{&kernels::unit("bitserial_tile"), {}}},
           encoder_over_pes,
           kTile.encoder_um2 / kTile.pes_um2,
           table + ": 2419 / 97090 um2",
           kEncoderRemark}};
}

std::vector<PublishedRow> integer_rows() {
  return {
      {"FP16 MAC over FP16 x INT8 MAC, area at equal throughput",
       {{&kernels::unit("fp16_mac_tile"), {}}, {&kernels::unit("fp16_int8_mac_tile"), {}}},
       first_over_second_per_mac,
       6.34,
       "FIGNA, HPCA'24: TOPS/mm2 of FP16 x INT4 over an FP16 baseline",
       "ours multiplies by bytes where FIGNA has 4-bit weights, and holds a dequantizer per row and column and the "
       "FP32 column sums, so that groups of 64 and more weights have scales; our FP16 baseline decodes operands once "
       "per row and column, where FIGNA's is an FPU per MAC"}};
}

std::vector<PublishedRow> block_rows() {
  const kernels::Parameters mxfp8{{"element", 3}, {"window", 24}};
  const std::string source = "INT vs FP, arXiv 2510.25602, Table 5: area at the same throughput, MXFP8 = 1";
  const std::string remark =
      "theirs adds up gate counts of the lanes' multipliers, aligners and adders; ours is mapped and holds the operand "
      "registers, the scales, the conversion to FP32 and the FP32 accumulator of every block as well";
  return {{"MXINT8 over MXFP8 dot product, area per lane",
           {{&kernels::unit("mx_dot"), {{"element", 5}}}, {&kernels::unit("mx_dot"), mxfp8}},
           first_over_second_per_mac,
           0.79,
           source,
           remark},
          {"NVFP4 over MXFP8",
           {{&kernels::unit("nvfp4_dot"), {{"element", 0}}}, {&kernels::unit("mx_dot"), mxfp8}},
           first_over_second_per_mac,
           0.54,
           source,
           remark + "; blocks of 16 share them among half as many lanes"},
          {"NVINT4 over MXFP8",
           {{&kernels::unit("nvfp4_dot"), {{"element", 1}}}, {&kernels::unit("mx_dot"), mxfp8}},
           first_over_second_per_mac,
           0.38,
           source,
           remark + "; blocks of 16 share them among half as many lanes"}};
}

std::vector<PublishedRow> ternary_rows() {
  return {
      {"3:4 ternary decoder, GE per weight",
       {{&kernels::unit("ternary34_unpack"), {}}},
       first_ge_per_weight,
       3.9,
       "generic gates (yosys 0.23 and abc, usual weights): 10 cells, 15.7 GE per four weights",
       "ours masks the sign of the zero, so that every trit is clean (the published one leaves it undefined), in a "
       "library whose XOR and multiplexer cost what it says, with output drivers"},
      {"ternary INT8 tile, 3:4 select over two bits per weight, area",
       {{&kernels::unit("ternary_tile"), {{"act_int8", 1}, {"sparse", 1}}},
        {&kernels::unit("ternary_tile"), {{"act_int8", 1}, {"sparse", 0}}}},
       first_over_second_per_mac,
       281.0 / 344,
       "generic gates: dot product of four, 281 over 344 gate equivalents",
       "theirs are the sums of four alone; ours are whole tiles, whose group sums, dequantizers and FP32 column sums "
       "are alike in both"}};
}

}  // namespace

const std::vector<PublishedRow>& published_rows() {
  static const std::vector<PublishedRow> rows = [] {
    std::vector<PublishedRow> all;
    for (const auto& part : {bitmod_rows(), integer_rows(), block_rows(), ternary_rows()})
      all.insert(all.end(), part.begin(), part.end());
    return all;
  }();
  return rows;
}

std::vector<PublishedFigure> published_figures(std::span<const SynthesisResult> results) {
  const auto find = [&](const kernels::UnitPoint& need) -> const SynthesisResult* {
    const auto found = std::ranges::find_if(results, [&](const SynthesisResult& result) {
      return result.unit == need.unit && std::ranges::all_of(need.parameters, [&](const auto& named) {
               return result.parameters.at(named.first) == named.second;
             });
    });
    return found == results.end() ? nullptr : &*found;
  };
  std::vector<PublishedFigure> figures;
  for (const PublishedRow& row : published_rows()) {
    std::vector<const SynthesisResult*> needed;
    for (const kernels::UnitPoint& need : row.needs) needed.push_back(find(need));
    if (std::ranges::count(needed, nullptr) != 0) continue;
    figures.push_back({row.name, row.ours(needed), row.published, row.source, row.remark});
  }
  return figures;
}

}  // namespace subbyte::sim
