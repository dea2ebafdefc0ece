// The cycles of BitMoD's published simulator, its single layers, and the speedups that the paper draws from them.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <vector>

#include "sim/reproduce/bitmod_core.hpp"
#include "sim/reproduce/bitmod_figures.hpp"
#include "sim/reproduce/bitmod_model.hpp"
#include "sim/reproduce/reproduce.hpp"
#include "sim/workload/model_shape_file.hpp"

namespace subbyte::sim {
namespace {

using namespace bitmod;

constexpr double kDecodeSteps = 20;  ///< tokens that a generative task generates, in the authors' notebooks

using Shapes = std::array<ModelShape, kModels.size()>;

Shapes read_shapes() {
  Shapes shapes;
  for (std::size_t i = 0; i < kModels.size(); ++i) shapes[i] = read_model_shape(std::string(kModels[i].name)).shape;
  return shapes;
}

/// The cycles of every row, as the simulator computes them here.
using AllCycles = std::array<CyclesPerModel, kRows.size()>;

AllCycles all_cycles(const Shapes& shapes, PaperVersion version) {
  AllCycles cycles{};
  for (std::size_t r = 0; r < kRows.size(); ++r)
    for (std::size_t m = 0; m < kModels.size(); ++m)
      cycles[r][m] = paper_cycles(shapes[m], paper_configuration(kRows[r], m, version));
  return cycles;
}

/// The columns of add_figures() from the published figure to the tolerance.
constexpr std::size_t kFirstCount = 2, kLastCount = 5;

/// Adds a table of cycles, which are integers and must be equal.
void add_cycles(Reproduced& result, const std::string& title, const std::vector<Figure>& figures,
                const std::string& note) {
  add_figures(result, title, figures, note);
  for (auto& row : result.record.tables.back().rows)
    for (std::size_t column = kFirstCount; column <= kLastCount; ++column)
      row[column] = static_cast<std::int64_t>(row[column].get<double>());
}

Figure cycles_figure(const std::string& what, std::uint64_t published, std::uint64_t ours, const std::string& note) {
  return {what, "cycles", static_cast<double>(published), static_cast<double>(ours), 0, note};
}

void add_latencies(Reproduced& result, const AllCycles& cycles, PaperVersion version) {
  const bool head = version == PaperVersion::kHead;
  std::vector<Figure> figures;
  for (std::size_t r = 0; r < kRows.size(); ++r) {
    for (std::size_t m = 0; m < kModels.size(); ++m) {
      const PaperRow& row = kRows[r];
      figures.push_back(cycles_figure(fmt::format("{}, {}", row.name, kModels[m].title),
                                      (head ? row.head : row.paper)[m], cycles[r][m],
                                      fmt::format("{} bits per weight", (head ? row.head_bits : row.paper_bits)[m])));
    }
  }
  add_cycles(
      result, head ? "Cycles, the simulator of July 2025" : "Cycles, the simulator behind the paper", figures,
      head ? "Prefill of 256 tokens, or one decode step with 256 tokens in the cache. Cycles must be equal.\n"
             "Bits per weight are those of the published scripts: they count the 8-bit scale of a group of 128 and not "
             "its 2-bit selector."
           : "The same before July 2025, which made the paper's figures. Cycles must be equal.\n"
             "The shapes of its attention are not published; we found them from these cycles, which all follow from "
             "them: the queries of all heads stand as one matrix where the keys should, and the scores where the "
             "values should; the cache has 16 bits.");
}

double mean(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

struct Speedups {
  double discriminative = 0, generative = 0;
  double both() const { return mean(std::array{discriminative, generative}); }
};

/// Returns the arithmetic means over models.
Speedups speedups(const AllCycles& cycles, const PaperRun& base, const PaperRun& faster) {
  std::vector<double> prefill, all;
  for (std::size_t m = 0; m < kModels.size(); ++m) {
    const auto of = [&](std::size_t row) { return static_cast<double>(cycles[row][m]); };
    const auto generative = [&](const PaperRun& run) { return of(run.prefill) + kDecodeSteps * of(run.decode); };
    prefill.push_back(of(base.prefill) / of(faster.prefill));
    all.push_back(generative(base) / generative(faster));
  }
  return {mean(prefill), mean(all)};
}

struct Comparison {
  std::string_view name;
  PaperRun base, faster;
  Speedups head, paper;  ///< published
  double both = 0;       ///< as the paper states it for both tasks; 0 where it does not
};

constexpr double kHalfHundredth = 0.005;  ///< figures are rounded to two digits behind the point
constexpr std::array kComparisons{
    Comparison{"lossless over FP16", kFp16, kLossless, {2.08, 2.46}, {1.99, 2.41}, 2.2},
    Comparison{"lossy over FP16", kFp16, kLossy, {3.07, 4.37}, {2.823, 4.176}, 0},
    Comparison{"lossy over ANT", kAnt, kLossy, {1.79, 1.67}, {1.72, 1.66}, 1.69},
    Comparison{"lossy over OliVe", kOlive, kLossy, {1.60, 1.44}, {1.56, 1.39}, 1.48},
};

void add_speedups(Reproduced& result, const AllCycles& head, const AllCycles& paper) {
  std::vector<Figure> figures;
  for (const Comparison& c : kComparisons) {
    const Speedups now = speedups(head, c.base, c.faster), then = speedups(paper, c.base, c.faster);
    const auto add = [&](const std::string& what, double published, double ours, std::optional<double> tolerance) {
      figures.push_back({fmt::format("{}, {}", c.name, what), "times", published, ours, tolerance, ""});
    };
    add("discriminative, 2025", c.head.discriminative, now.discriminative, kHalfHundredth);
    add("generative, 2025", c.head.generative, now.generative, kHalfHundredth);
    add("discriminative, paper", c.paper.discriminative, then.discriminative, kHalfHundredth);
    add("generative, paper", c.paper.generative, then.generative, kHalfHundredth);
    if (c.both == 0) continue;
    add("both tasks, paper", c.both, then.both(), 2 * kHalfHundredth);
    add("both tasks, 2025", c.both, now.both(), {});
  }
  add_figures(result, "Speedups", figures,
              "Arithmetic means over the six models of the ratios of cycles, as in the authors' plots, which call them "
              "geometric.\nDiscriminative: the prefill of 256 tokens. Generative: that prefill and 20 decode steps "
              "with 256 tokens in the cache, as in the authors' notebooks; the text says 256 generated tokens.\n"
              "Lossless: BitMoD with INT6 weights. Lossy: BitMoD with FP4 weights in the prefill and FP3 in the decode "
              "steps.\nBoth tasks: the mean of the two, which the paper rounds after it rounded the two; 2025 stands "
              "there beside the paper's figure.");
}

AllCycles cycles_of(const CoreRows& rows) {
  AllCycles cycles{};
  for (std::size_t r = 0; r < kRows.size(); ++r)
    for (std::size_t m = 0; m < kModels.size(); ++m) cycles[r][m] = rows[r][m].cycles();
  return cycles;
}

/// A claim survives where the cycle-accurate speedup has at least 95 % of it.
constexpr double kSurvives = 0.95;

void add_core_speedups(Reproduced& result, const AllCycles& ours) {
  std::vector<Figure> figures;
  for (const Comparison& c : kComparisons) {
    const Speedups cores = speedups(ours, c.base, c.faster);
    const auto add = [&](const std::string& what, double published, double measured) {
      figures.push_back({fmt::format("{}, {}", c.name, what),
                         "times",
                         published,
                         measured,
                         {},
                         measured >= kSurvives * published ? "survives" : "does not survive"});
    };
    add("discriminative", c.head.discriminative, cores.discriminative);
    add("generative", c.head.generative, cores.generative);
    if (c.both > 0) add("both tasks", c.both, cores.both());
  }
  add_figures(result, "Speedups on our cores, cycle by cycle", figures,
              "The same means over cores of as many PEs with buffers and bandwidth as published, whose cycles count "
              "filling, draining, metadata, latency, bursts and turns of the bus. A claim survives where the core has "
              "at least 95 % of it. FP16 is fp16-core-24x32, BitMoD bitmod-core-32x32 with scales of 8 bits, ANT "
              "figna-core-32x32 with integers of the nearest width, and OliVe the same with 36 x 32 PEs; in decode the "
              "arrays have half as many tokens and twice as many outputs, as the published ones. The times of "
              "the decoders of ANT and OliVe, of which there is no published RTL, are not in it.");
}

std::string fetches_text(std::size_t weights, std::size_t inputs) {
  return weights == 1 && inputs == 1 ? "" : fmt::format("weights moved {}x, inputs {}x", weights, inputs);
}

/// Returns the name of a layer in its block.
std::string_view short_name(std::string_view layer) {
  return layer.substr(layer.rfind('.') + 1);  // npos + 1 is 0
}

void add_layers(Reproduced& result, const Shapes& shapes) {
  std::vector<Figure> figures;
  for (const PublishedLayer& published : kLayers) {
    for (std::size_t i = 0; i < kLayerRows.size(); ++i) {
      const PaperRow& row = kRows[kLayerRows[i]];
      const auto layers = paper_layers(shapes[kLlama2], paper_configuration(row, kLlama2, PaperVersion::kHead));
      const auto layer = std::ranges::find(layers, published.name, &PaperLayer::name);
      const LayerFigures& f = published.figures[i];
      const std::string what = fmt::format("{}, {}", short_name(published.name), row.name);
      figures.push_back(cycles_figure(what + ", compute", f.compute, layer->compute_cycles, ""));
      figures.push_back(cycles_figure(what + ", DRAM", f.dram, layer->dram_cycles(),
                                      fetches_text(layer->weight_fetches, layer->input_fetches)));
      if (layer->weight_fetches != f.weight_fetches || layer->input_fetches != f.input_fetches)
        figures.back().note += "; published: " + fetches_text(f.weight_fetches, f.input_fetches);
    }
  }
  add_cycles(result, "Single layers of Llama-2-7B, the simulator of July 2025", figures,
             "A layer takes the larger of the two. Cycles must be equal. What is moved more than once does not fit its "
             "buffer.");
}

void add_longer(Reproduced& result, const ModelShape& llama) {
  const auto cycles = [&](const PaperRow& row, std::size_t context, std::size_t batch) {
    PaperConfiguration configuration = paper_configuration(row, kLlama2, PaperVersion::kHead);
    configuration.phase.context = context;
    configuration.phase.batch = batch;
    return paper_cycles(llama, configuration);
  };
  const PaperRow &fp16 = kRows[kFp16.decode], &fp3 = kRows[kLossy.decode];
  add_cycles(result, "Longer contexts and batches of Llama-2-7B, the simulator of July 2025",
             {cycles_figure("FP16 decode, 4096 tokens in the cache", 480750288, cycles(fp16, 4096, 1), ""),
              cycles_figure("BitMoD FP3 decode, 4096 tokens in the cache", 113293264, cycles(fp3, 4096, 1), ""),
              cycles_figure("BitMoD FP3 decode, batch of 64", 419569664, cycles(fp3, 256, 64), "")},
             "Cycles must be equal.");
}

void add_energies(Reproduced& result, const ModelShape& llama) {
  struct Published {
    const PaperRow& row;
    double compute_uj, dram_uj;
  };
  std::vector<Figure> figures;
  for (const Published& published :
       {Published{kRows[kFp16.decode], 92504, 2003252}, Published{kRows[kLossy.decode], 45301, 390453}}) {
    const PaperConfiguration configuration = paper_configuration(published.row, kLlama2, PaperVersion::kHead);
    const PaperEnergy energy = paper_energy(paper_layers(llama, configuration), configuration);
    const std::string name(published.row.name);
    figures.push_back({name + ", compute", "uJ", published.compute_uj, energy.compute_pj * 1e-6, {}, ""});
    figures.push_back({name + ", DRAM", "uJ", published.dram_uj, energy.dram_pj * 1e-6, {}, ""});
  }
  add_figures(result, "Energy of a decode step of Llama-2-7B, the simulator of July 2025", figures,
              "Those energies that follow from the simulator's constants; none is judged. That of its buffers is "
              "CACTI's and is left out, and with it the on-chip and total energies.");
  for (const std::size_t column : {2, 3}) result.record.tables.back().columns[column].digits = 7;
}

}  // namespace

Reproduced reproduce_bitmod(const ReproduceOptions&) {
  Reproduced result;
  result.judges = "cycles exactly, speedups as they are rounded; energies are not judged";
  const Shapes shapes = read_shapes();
  const AllCycles head = all_cycles(shapes, PaperVersion::kHead), paper = all_cycles(shapes, PaperVersion::kPaper);
  add_speedups(result, head, paper);
  add_latencies(result, head, PaperVersion::kHead);
  add_latencies(result, paper, PaperVersion::kPaper);
  add_layers(result, shapes);
  add_longer(result, shapes[kLlama2]);
  add_energies(result, shapes[kLlama2]);
  const CoreRows cores = run_on_cores(shapes);
  add_core_speedups(result, cycles_of(cores));
  add_core_cycles(result, shapes, cores);
  return result;
}

}  // namespace subbyte::sim
