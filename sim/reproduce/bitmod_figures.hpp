// What the published simulator of BitMoD prints, and what the paper says of it; private to bitmod.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "sim/reproduce/bitmod_model.hpp"

namespace subbyte::sim::bitmod {

struct PaperModel {
  std::string_view title, name;  ///< name is a shape in configs/workloads
};
inline constexpr std::array kModels{PaperModel{"OPT-1.3B", "opt-1.3b"},
                                    PaperModel{"Phi-2", "phi-2"},
                                    PaperModel{"Yi-6B", "yi-6b"},
                                    PaperModel{"Llama-2-7B", "llama-2-7b"},
                                    PaperModel{"Llama-2-13B", "llama-2-13b"},
                                    PaperModel{"Llama-3-8B", "llama-3-8b"}};
inline constexpr std::size_t kLlama2 = 3;  ///< Llama-2-7B in kModels

using PerModel = std::array<double, kModels.size()>;
using CyclesPerModel = std::array<std::uint64_t, kModels.size()>;

/// One configuration: bits per weight and printed cycles of both versions, in the order of kModels.
struct PaperRow {
  std::string_view name;
  PaperAccelerator accelerator;
  bool decode;
  PerModel head_bits, paper_bits;
  CyclesPerModel head, paper;
};

inline constexpr std::array kRows{
    PaperRow{"FP16 prefill",
             kPaperFp16,
             false,
             {16, 16, 16, 16, 16, 16},
             {16, 16, 16, 16, 16, 16},
             {530843648, 1177255936, 2519531520, 2810544128, 5999452160, 3609952256},
             {669255680, 1399816192, 2878668800, 3156574208, 6676111360, 3969089536}},
    PaperRow{"BitMoD INT6 prefill",
             kPaperBitmod,
             false,
             {6.0625, 6.0625, 6.0625, 6.0625, 6.0625, 6.0625},
             {6.0625, 6.0625, 6.0625, 6.0625, 6.0625, 6.0625},
             {259166208, 562184192, 1217077248, 1372856320, 2872207360, 1704001536},
             {336236544, 693780480, 1414209536, 1649680384, 3537397760, 1901133824}},
    PaperRow{"BitMoD FP4 prefill",
             kPaperBitmod,
             false,
             {4.0625, 4.0625, 4.0625, 4.0625, 4.0625, 4.0625},
             {4.0625, 4.0625, 4.0625, 4.0625, 4.0625, 4.0625},
             {177233920, 383598592, 820846592, 926097408, 1936271360, 1146880000},
             {233070592, 515194880, 946937856, 1202921472, 2601461760, 1273233408}},
    PaperRow{"ANT prefill",
             kPaperAnt,
             false,
             {5, 5, 5.25, 5, 4, 5},
             {5.5, 5.5, 5.5, 5.5, 5.5, 5.5},
             {341098496, 686555136, 1466433536, 1687420928, 3278438400, 1946419200},
             {440975360, 847773696, 1734868992, 1949564928, 4076584960, 2266234880}},
    PaperRow{"OliVe prefill",
             kPaperOlive,
             false,
             {4, 4, 4, 4, 4, 4.5},
             {4.5, 4.5, 4.5, 4.5, 4.5, 4.5},
             {305217536, 618049536, 1308557312, 1505918976, 2929991680, 1742045184},
             {403718144, 779268096, 1575157760, 1768062976, 3648512000, 2008645632}},
    PaperRow{"FP16 decode",
             kPaperFp16,
             true,
             {16, 16, 16, 16, 16, 16},
             {16, 16, 16, 16, 16, 16},
             {83594438, 168238368, 363133600, 417344208, 810102800, 470310992},
             {82153718, 165841248, 362970848, 413518608, 804330080, 469624976}},
    PaperRow{"BitMoD INT6 decode",
             kPaperBitmod,
             true,
             {6.0625, 6.0625, 6.0625, 6.0625, 6.0625, 6.0625},
             {6.0625, 6.0625, 6.0625, 6.0625, 6.0625, 6.0625},
             {31920374, 64150048, 137778336, 158771152, 307947600, 178468176},
             {31220054, 62986912, 137681120, 156919888, 305157360, 178109840}},
    PaperRow{"BitMoD FP3 decode",
             kPaperBitmod,
             true,
             {3.0625, 3.0625, 3.0625, 3.0625, 3.0625, 3.0625},
             {3.0625, 3.0625, 3.0625, 3.0625, 3.0625, 3.0625},
             {16558070, 33122848, 69825696, 81344464, 157342800, 90522960},
             {15857750, 31959712, 69662944, 79493200, 154552560, 90099088}},
    PaperRow{"ANT decode",
             kPaperAnt,
             true,
             {5, 5, 5.25, 5, 4, 5},
             {5, 5, 5.25, 5, 5, 4.5},
             {27265990, 54471968, 119636640, 133446352, 207683600, 147845200},
             {25779238, 51998112, 119342816, 129497936, 251907680, 132370576}},
    PaperRow{"OliVe decode",
             kPaperOlive,
             true,
             {4, 4, 4, 4, 4, 4.5},
             {3.875, 4, 4.25, 3.75, 3.75, 3.5},
             {22145222, 44129568, 91323040, 107637456, 207683600, 133187664},
             {20018374, 41655712, 96691936, 97236816, 189155680, 105031744}},
};

inline PaperConfiguration paper_configuration(const PaperRow& row, std::size_t model, PaperVersion version) {
  const PerModel& bits = version == PaperVersion::kHead ? row.head_bits : row.paper_bits;
  return {row.accelerator, bits[model], {row.decode}, version};
}

/// What the simulator of 2025 says of one layer.
struct LayerFigures {
  std::uint64_t compute, dram;  ///< cycles
  std::size_t weight_fetches, input_fetches;
};
inline constexpr std::array<std::size_t, 6> kLayerRows{5, 7, 6, 0, 2, 1};  ///< the rows of kRows that it was asked
struct PublishedLayer {
  std::string_view name;
  std::array<LayerFigures, kLayerRows.size()> figures;
};
/// Layers of Llama-2-7B.
inline constexpr std::array kLayers{
    PublishedLayer{"model.layers.*.self_attn.q_proj",
                   {LayerFigures{262144, 1049088, 1, 1}, LayerFigures{131072, 201216, 1, 1},
                    LayerFigures{196608, 397824, 1, 1}, LayerFigures{5767168, 4325376, 4, 1},
                    LayerFigures{2097152, 1196032, 4, 1}, LayerFigures{3145728, 1720320, 4, 1}}},
    PublishedLayer{"model.layers.*.mlp.gate_proj",
                   {LayerFigures{704512, 2818992, 1, 1}, LayerFigures{352256, 540336, 1, 1},
                    LayerFigures{528384, 1068720, 1, 1}, LayerFigures{15499264, 11513856, 4, 1},
                    LayerFigures{5636096, 3103744, 4, 1}, LayerFigures{8454144, 4512768, 4, 1}}},
    PublishedLayer{"model.layers.*.mlp.down_proj",
                   {LayerFigures{704512, 2818992, 1, 1}, LayerFigures{352256, 540336, 1, 1},
                    LayerFigures{528384, 1068720, 1, 1}, LayerFigures{15499264, 31240192, 11, 1},
                    LayerFigures{5636096, 8112384, 11, 1}, LayerFigures{8454144, 11987200, 11, 1}}},
    PublishedLayer{
        "attn_qk",
        {LayerFigures{16384, 66304, 1, 1}, LayerFigures{16384, 33536, 1, 1}, LayerFigures{16384, 33536, 1, 1},
         LayerFigures{360448, 458752, 1, 4}, LayerFigures{262144, 294912, 1, 2}, LayerFigures{262144, 294912, 1, 2}}},
    PublishedLayer{
        "attn_av",
        {LayerFigures{16384, 66304, 1, 1}, LayerFigures{16384, 33536, 1, 1}, LayerFigures{16384, 33536, 1, 1},
         LayerFigures{360448, 655360, 1, 4}, LayerFigures{262144, 360448, 1, 2}, LayerFigures{262144, 360448, 1, 2}}},
    PublishedLayer{"lm_head",
                   {LayerFigures{2048000, 8194256, 1, 1}, LayerFigures{1024000, 1570256, 1, 1},
                    LayerFigures{1536000, 3106256, 1, 1}, LayerFigures{45056000, 33345536, 4, 1},
                    LayerFigures{16384000, 8897536, 4, 1}, LayerFigures{24576000, 12993536, 4, 1}}},
};

/// The rows of kRows that a speedup compares: of an accelerator in prefill and in decode.
struct PaperRun {
  std::size_t prefill, decode;
};
inline constexpr PaperRun kFp16{0, 5}, kLossless{1, 6}, kLossy{2, 7}, kAnt{3, 8}, kOlive{4, 9};

}  // namespace subbyte::sim::bitmod
