// The Unit contract of bitserial_pe takes beats in and gives beats out.
#include <array>

#include "kernels/bitserial_pe.hpp"
#include "kernels/contract/parameter_specs.hpp"
#include "kernels/parts/random_values.hpp"

namespace subbyte::kernels {
namespace {

unsigned term_bits(const PeParams& p) { return p.shift_width + 2; }

BeatShape input_shape(const Parameters& parameters) {
  const PeParams p = PeParams::of(parameters);
  return BeatShape({{"act", 16, p.lanes, FieldKind::kFp16},
                    {"term", term_bits(p), p.lanes, FieldKind::kTerm},
                    {"last", 1, 1, FieldKind::kFlag}});
}

BeatShape output_shape(const Parameters& parameters) {
  const PeParams p = PeParams::of(parameters);
  return BeatShape({{"mantissa", p.mantissa_bits(), 1, FieldKind::kSigned},
                    {"exponent", 8, 1, FieldKind::kSigned},
                    {"nonfinite", 1, 1, FieldKind::kFlag}});
}

/// The fields of the input beat, which are looked up once.
struct FieldOffsets {
  explicit FieldOffsets(const BeatShape& in)
      : act(in.offset("act")), term(in.offset("term")), last(in.offset("last")) {}
  unsigned act, term, last;
};

/// Makes the beats of one group: all terms of one chunk of lanes come after another, as the tile's encoder emits them.
void append_group(Random& random, const Parameters& parameters, const RandomRequest& request,
                  const quant::TermProgram& program, Beats& beats) {
  const quant::Format& format = request.format;
  const FieldOffsets at(input_shape(parameters));
  const PeParams p = PeParams::of(parameters);
  const unsigned length = draw_group_length(random, static_cast<unsigned>(format.scaling.group), p.lanes);
  const ActivationKind kind = draw_kind(random, request.illegal);
  const auto activations = draw_activations(random, kind, length, request.illegal);
  const unsigned selector = random.below(format.alphabet.selectors());
  const unsigned zero = format.scaling.zero_point ? random.below(1U << format.alphabet.code_bits) : 0;
  // Lanes of one beat differ by more than one in their shifts only with terms of no format; it is among small
  // and far values that this decides what alignment loses.
  const bool delicate = kind == ActivationKind::kSubnormal || kind == ActivationKind::kFarApart;
  const bool any_terms = request.illegal && random.percent(delicate ? 60 : 20);
  const bool one_term = request.illegal && random.percent(10);
  const unsigned terms = one_term ? 1 : program.terms;
  for (unsigned first = 0; first < length; first += p.lanes) {
    std::array<std::vector<quant::Term>, 16> lane_terms;
    for (unsigned l = 0; l < p.lanes && first + l < length; ++l) {
      lane_terms[l] = quant::terms_of(program, draw_code(random, format, request.illegal), selector, zero);
    }
    for (unsigned t = 0; t < terms; ++t) {
      const std::span<std::uint64_t> beat = beats.append();
      for (unsigned l = 0; l < p.lanes && first + l < length; ++l) {
        const TermBits term =
            any_terms ? static_cast<TermBits>(random.next()) : pack_term(lane_terms[l][t], p.shift_width);
        set_bits(beat, at.act + 16 * l, 16, activations[first + l]);
        set_bits(beat, at.term + term_bits(p) * l, term_bits(p), term);
      }
      const bool last = first + p.lanes >= length && t + 1 == terms;
      set_bits(beat, at.last, 1, last ? 1 : 0);
    }
  }
}

}  // namespace

std::optional<Refusal> pe_unsupported(const PeParams& params, const quant::Format& format) {
  // A whole row is as long as a layer says, so the mapping asks again with its length.
  if (!params.exact || format.scaling.group == quant::kWholeRow) return {};
  // It holds that |product| < 2^(39 + 2^shift_width), so 2^(24 - 2^shift_width) of them stay below 2^63.
  const std::uint64_t limit = std::uint64_t{1} << (24 - (1 << params.shift_width));
  const std::uint64_t lane_terms =
      std::uint64_t{format.scaling.group} * quant::lower(format, kMostProgramTerms, 15).terms;
  if (lane_terms <= limit) return {};
  return Refusal{"a group of " + std::to_string(lane_terms) +
                 " lane-terms can overflow the 64-bit sum; at shift_width " + std::to_string(params.shift_width) +
                 " expected at most " + std::to_string(limit)};
}

Trace bitserial_pe_golden(const Parameters& parameters, const Stimulus& stimulus, TraceWindow window) {
  const PeParams p = PeParams::of(parameters);
  const BeatShape in = input_shape(parameters);
  const BeatShape out = output_shape(parameters);
  const FieldOffsets at(in);
  const unsigned mantissa = out.offset("mantissa"), exponent = out.offset("exponent");
  const unsigned nonfinite = out.offset("nonfinite");
  Trace trace(out.words(), false, window);
  std::vector<std::uint64_t> beat(in.words());
  std::vector<std::uint64_t> result(out.words());
  std::array<std::uint16_t, 16> activations{};
  std::array<TermBits, 16> terms{};
  PeState state;
  for (std::size_t i = 0; i < stimulus.input.count; ++i) {
    stimulus.input.fill(i, beat);
    for (unsigned l = 0; l < p.lanes; ++l) {
      activations[l] = static_cast<std::uint16_t>(get_bits(beat, at.act + 16 * l, 16));
      terms[l] = static_cast<TermBits>(get_bits(beat, at.term + term_bits(p) * l, term_bits(p)));
    }
    accumulate(p, state, align(p, activations, terms));
    if (get_bits(beat, at.last, 1) == 0) continue;
    const PeState group = finished(p, state);
    set_bits(result, mantissa, p.mantissa_bits(), static_cast<std::uint64_t>(group.mantissa));
    set_bits(result, exponent, 8, static_cast<std::uint64_t>(group.exponent));
    set_bits(result, nonfinite, 1, group.nonfinite ? 1 : 0);
    trace.append(result);
    state = {};
  }
  return trace;
}

Stimulus bitserial_pe_random(const Parameters& parameters, const RandomRequest& request) {
  const PeParams p = PeParams::of(parameters);
  const quant::TermProgram program = quant::lower(request.format, kMostProgramTerms, (1U << p.shift_width) - 1);
  Random random(request.seed);
  Beats beats(input_shape(parameters).words());
  for (std::size_t i = 0; i < request.cases; ++i) append_group(random, parameters, request, program, beats);
  return {{}, source_of(std::move(beats)), request.stalls, request.cases};
}

UnitInfo bitserial_pe_info() {
  UnitInfo info;
  info.name = "bitserial_pe";
  info.summary = "group sum of FP16 activations times terms, aligned after the term's shift";
  info.takes_terms = true;
  info.case_is = "one group";
  info.parameters = {lanes_spec(), shift_width_spec()};
  for (const ParameterSpec& spec : accumulator_specs()) info.parameters.push_back(spec);
  info.points = {
      resolve(info, {}), resolve(info, {{"align_bits", 3}, {"acc_width", 14}, {"rounding", 1}}),
      resolve(info, {{"lanes", 8}, {"exact", 1}}),
      resolve(info, {{"lanes", 1}, {"shift_width", 4}, {"align_bits", 1}, {"acc_width", 8}, {"guard_bits", 1}}),
      resolve(info, {{"lanes", 2}, {"align_bits", 16}, {"acc_width", 40}, {"guard_bits", 8}})};
  info.work_per_cycle = [](const Parameters& p) {
    return Work{static_cast<double>(p.at("lanes")) / 2, 0, "FP16 x two terms (bitmod-fp4)"};
  };
  info.small_point = {{"lanes", 3}, {"align_bits", 2}, {"acc_width", 12}};
  info.input_shape = input_shape;
  info.output_shape = output_shape;
  info.golden = bitserial_pe_golden;
  info.random = bitserial_pe_random;
  info.unsupported = [](const Parameters& parameters, const quant::Format& format) -> std::optional<Refusal> {
    const PeParams p = PeParams::of(parameters);
    try {
      quant::lower(format, kMostProgramTerms, (1U << p.shift_width) - 1);
    } catch (const std::invalid_argument& error) {
      return Refusal{error.what()};
    }
    return pe_unsupported(p, format);
  };
  return info;
}

}  // namespace subbyte::kernels
