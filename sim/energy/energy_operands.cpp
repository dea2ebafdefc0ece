#include "sim/energy/energy_operands.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "kernels/parts/random_values.hpp"
#include "quant/formats/format.hpp"
#include "quant/formats/term_program.hpp"
#include "sim/base/input_error.hpp"
#include "sim/config/format_file.hpp"

namespace subbyte::sim {
namespace {

/// Cases of drawn operands, among which are corner cases.
constexpr std::size_t kCases = 4096;
/// UnitInfo::work_per_cycle of the serial units is told for bitmod-fp4.
constexpr double kStatedTerms = 2;
/// These formats stand for a unit where no format is named: the first of them that it runs does. A tile of integers
/// gets integers.
constexpr std::array kRepresentatives{"bitmod-fp4", "nvfp4",  "mxfp8-e4m3", "int8",
                                      "int4",       "sherry", "ternary",    "matquant8"};
constexpr std::string_view kOfIntegers = "int8";

/// Draws every code that the format's quantizer may write with the same likelihood. For kOneZeroInFour every pattern is
/// a block of such codes.
void randomize_codes(quant::PackedTensor& weights, std::uint64_t seed) {
  kernels::Random random(seed);
  const quant::Alphabet& alphabet = weights.format.alphabet;
  if (weights.format.layout == quant::CodeLayout::kOneZeroInFour) {
    for (std::uint8_t& byte : weights.codes) byte = static_cast<std::uint8_t>(random.next());
    return;
  }
  std::vector<std::uint8_t> written;
  for (unsigned code = 0; code < 1U << alphabet.code_bits; ++code)
    if (alphabet.emitted(code)) written.push_back(static_cast<std::uint8_t>(code));
  std::vector<std::uint8_t> row(weights.cols);
  const std::size_t bytes = weights.code_row_bytes();
  for (std::size_t r = 0; r < weights.rows; ++r) {
    for (std::uint8_t& code : row) code = written[random.below(static_cast<unsigned>(written.size()))];
    quant::pack_row(weights.format.layout, alphabet.code_bits, row, std::span(weights.codes).subspan(r * bytes, bytes));
  }
}

double code_entropy_bits(const quant::PackedTensor& weights) {
  std::array<double, 256> counts{};
  std::vector<std::uint8_t> codes(weights.cols);
  for (std::size_t row = 0; row < weights.rows; ++row) {
    weights.unpack_row(row, codes);
    for (const std::uint8_t code : codes) counts[code] += 1;
  }
  const auto all = static_cast<double>(weights.rows * weights.cols);
  double entropy = 0;
  for (const double count : counts)
    if (count > 0) entropy -= count / all * std::log2(count / all);
  return entropy;
}

Design design_of(const kernels::UnitInfo& unit, const kernels::Parameters& parameters) {
  Design design;
  design.name = unit.name;
  design.unit = &unit;
  design.parameters = parameters;
  return design;
}

Operands layer_operands(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                        const OperandQuery& query) {
  LayerInputs inputs = query.source->load(*query.layer, query.activations);
  if (query.random) randomize_codes(inputs.weights, query.activations.seed);
  Operands operands;
  operands.code_entropy_bits = code_entropy_bits(inputs.weights);
  const Design design = design_of(unit, parameters);
  const Activations& activations = inputs.activations;
  MappedLayer mapped = map_layer(design, inputs.weights, {activations.bits, activations.tokens, activations.cols});
  const double macs =
      static_cast<double>(activations.tokens) * static_cast<double>(inputs.weights.rows * inputs.weights.cols);
  operands.format = inputs.weights.format.id();
  operands.drawn = query.random || inputs.drawn;
  operands.terms_per_weight = lane_cycles_per_weight(design, inputs.weights);
  BeatWork work;
  work.macs = macs / static_cast<double>(mapped.stimulus.input.count);
  if (operands.terms_per_weight > 1) work.terms = work.macs * operands.terms_per_weight;
  work.what = fmt::format("{} x {}", activation_format(design), operands.format);
  operands.layer = work;
  operands.stimulus = std::move(mapped.stimulus);
  const std::string rest =
      fmt::format("of {}{}, {} tokens, activations: {}", query.source->origin(),
                  query.random ? fmt::format(" with random codes, seed {}", query.activations.seed) : "",
                  activations.tokens, inputs.origin);
  operands.origin = fmt::format("{} in {} {}", inputs.layer, operands.format, rest);
  operands.source = fmt::format("{} {}", inputs.layer, rest);
  return operands;
}

/// Returns whether a unit draws other beats for another format. One that takes every format may not look at it: sums
/// have no format.
bool draws_by_format(const kernels::UnitInfo& unit, const kernels::Parameters& parameters) {
  constexpr std::size_t kFew = 4;
  std::vector<std::uint64_t> first, beats;
  for (const auto& row : quant::format_table()) {
    if (unit.unsupported(parameters, row.format)) return true;
    const kernels::Stimulus stimulus = unit.random(parameters, {row.format, kFew, 1, {}, false});
    std::vector<std::uint64_t> beat(stimulus.input.words);
    beats.clear();
    for (const auto& write : stimulus.config) beats.insert(beats.end(), {write.address, write.data});
    for (std::size_t i = 0; i < stimulus.input.count; ++i) {
      stimulus.input.fill(i, beat);
      beats.insert(beats.end(), beat.begin(), beat.end());
    }
    if (first.empty()) first = beats;
    if (beats != first) return true;
  }
  return false;
}

Operands drawn_operands(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                        const OperandQuery& query) {
  const quant::Format& format = *query.format;
  const std::uint64_t seed = query.activations.seed;
  if (const auto why = unit.unsupported(parameters, format))
    throw InputError("", "--format", fmt::format("unit {} cannot run {}: {}", unit.name, format.id(), why->text));
  Operands operands;
  operands.stimulus = unit.random(parameters, {format, kCases, seed, {}, false});
  operands.format = format.id();
  operands.of_format = draws_by_format(unit, parameters);
  operands.source = fmt::format("the operands of `verify`, corner cases among them, seed {}", seed);
  operands.origin =
      operands.of_format
          ? fmt::format("the operands of `verify` for {}, corner cases among them, seed {}", format.id(), seed)
          : operands.source + ", the same for every format";
  if (unit.takes_terms) operands.terms_per_weight = quant::lower(format).terms;
  return operands;
}

}  // namespace

bool takes_layers(const kernels::UnitInfo& unit) { return std::ranges::count(layer_units(), unit.name) != 0; }

void refuse_layer_names(const kernels::UnitInfo& unit, const OperandNames& names) {
  const auto refuse = [&](const char* option) {
    throw InputError("", option,
                     fmt::format("unit {} takes no layers, expected --format, or one of {}", unit.name,
                                 fmt::join(layer_units(), ", ")));
  };
  if (!names.weights.empty()) refuse("--weights");
  if (!names.layer.empty()) refuse("--layer");
  if (!names.activations.file.empty()) refuse("--activations");
  if (names.activations.tokens) refuse("--tokens");
  if (names.model != OperandNames{}.model) refuse("--model");
  if (names.random)
    throw InputError("", "--random",
                     fmt::format("unit {} takes no layers: its operands are drawn in any case", unit.name));
}

std::string default_format(const kernels::UnitInfo& unit, const kernels::Parameters& parameters) {
  const std::string usual = OperandNames{}.format;
  if (!unit.unsupported(parameters, quant::parse_format(usual))) return usual;
  const std::vector<quant::Format> runs = formats_of(unit, parameters);
  return runs.empty() ? usual : runs.front().id();
}

OperandQuery read_operands(const kernels::UnitInfo& unit, const OperandNames& names) {
  OperandQuery query;
  query.activations = names.activations;
  query.random = names.random;
  if (takes_layers(unit)) {
    query.source = std::make_shared<const LayerSource>(open_layers(names.weights, names.format, names.model));
    query.layer = &query.source->layer(names.layer);
  } else {
    refuse_layer_names(unit, names);
    query.format = at_option("--format", [&] { return read_format(names.format); });
  }
  return query;
}

std::string work_text(const BeatWork& work) {
  std::string count;
  const auto add = [&](double pieces, const std::string& name) {
    if (pieces > 0)
      count += fmt::format("{}{:.4g} {}{}", count.empty() ? "" : ", ", pieces, name, pieces == 1 ? "" : "s");
  };
  add(work.macs, "MAC");
  add(work.weights, work.piece);
  add(work.terms, "term");
  return fmt::format("{} per input beat ({})", count, work.what);
}

Operands operands_of(const kernels::UnitInfo& unit, const kernels::Parameters& parameters, const OperandQuery& query) {
  return takes_layers(unit) ? layer_operands(unit, parameters, query) : drawn_operands(unit, parameters, query);
}

std::optional<BeatWork> beat_work(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                                  const Operands& operands, const StreamCounts& counts) {
  if (operands.layer) return operands.layer;
  if (!unit.work_per_cycle || counts.input_beats == 0) return std::nullopt;
  const double cycles = static_cast<double>(counts.lane_cycles) / static_cast<double>(counts.input_beats);
  const double whole = std::max(1.0, std::round(cycles));
  if (std::abs(cycles - whole) > 0.05 * whole) return std::nullopt;
  const kernels::Work peak = unit.work_per_cycle(parameters);
  const double share = unit.takes_terms ? kStatedTerms / operands.terms_per_weight : 1;
  BeatWork work{peak.macs * whole * share, 0, peak.weights * whole * share, peak.what, unit.piece};
  if (unit.takes_terms) {
    work.terms = (work.macs + work.weights) * operands.terms_per_weight;
    work.what = fmt::format("{} in {} terms", operands.format, operands.terms_per_weight);
  }
  return work;
}

std::vector<quant::Format> formats_of(const kernels::UnitInfo& unit, const kernels::Parameters& parameters) {
  std::vector<quant::Format> formats;
  for (const auto& row : quant::format_table()) {
    if (!unit.unsupported(parameters, row.format)) formats.emplace_back(row.format);
  }
  std::vector<std::string_view> wanted(kRepresentatives.begin(), kRepresentatives.end());
  if (unit.name.find(kOfIntegers) != std::string::npos) wanted.insert(wanted.begin(), kOfIntegers);
  for (const std::string_view name : wanted) {
    const auto found = std::ranges::find(formats, quant::parse_format(name).id(), &quant::Format::id);
    if (found == formats.end()) continue;
    std::rotate(formats.begin(), found, found + 1);
    break;
  }
  return formats;
}

}  // namespace subbyte::sim
