// The Unit contract of term_encoder takes beats in and gives beats out.
#include <algorithm>
#include <stdexcept>

#include "kernels/contract/parameter_specs.hpp"
#include "kernels/parts/random_config.hpp"
#include "kernels/parts/random_values.hpp"
#include "kernels/term_encoder.hpp"

namespace subbyte::kernels {
namespace {

BeatShape input_shape(const Parameters& parameters) {
  const EncoderParams p = EncoderParams::of(parameters);
  return BeatShape({{"code", 8, p.cols * p.lanes, FieldKind::kCode},
                    {"selector", 2, p.cols, FieldKind::kUnsigned},
                    {"zero", 8, p.cols, FieldKind::kUnsigned}});
}

BeatShape output_shape(const Parameters& parameters) {
  const EncoderParams p = EncoderParams::of(parameters);
  return BeatShape({{"term", p.term_bits(), p.cols * p.lanes, FieldKind::kTerm}, {"last", 1, 1, FieldKind::kFlag}});
}

void random_writes(Random& random, std::size_t count, unsigned first_address, std::vector<ConfigWrite>& writes) {
  for (std::size_t i = 0; i < count; ++i) {
    const unsigned address = first_address + random.below(256 - first_address);
    writes.push_back({static_cast<std::uint8_t>(address), any_word(random)});
  }
}

/// Draws a control word whose special code is in the table, or one bit above it.
std::uint32_t any_control(Random& random, const EncoderParams& params) {
  const unsigned table = random.percent(75) ? 1 : 0;
  const unsigned unsigned_code = random.below(2) << 1;
  const unsigned terms = (random.percent(50) ? (table != 0 ? params.table_terms : kBoothDigits) : random.below(8)) << 2;
  const unsigned has_special = random.percent(85) ? 1U << 5 : 0;
  const unsigned above = random.percent(60) ? 0 : 1U << (params.table_bits + random.below(8 - params.table_bits));
  const unsigned special = table != 0 ? random.below(params.entries()) | above : random.below(256);
  return special << 6 | has_special | terms | unsigned_code | table;
}

/// Draws a program that no format has: every register is drawn, in any order, among writes that must be ignored.
std::vector<ConfigWrite> any_program(Random& random, const EncoderParams& params) {
  std::vector<ConfigWrite> writes;
  const unsigned control = params.entries() + 4;
  for (unsigned address = 0; address < control; ++address) {
    writes.push_back({static_cast<std::uint8_t>(address), any_word(random)});
  }
  for (unsigned bit = 0; bit < 8; ++bit) {
    const unsigned neighbour = control ^ 1U << bit;
    if (neighbour > control) writes.push_back({static_cast<std::uint8_t>(neighbour), any_control(random, params)});
  }
  random_writes(random, 16, control + 1, writes);
  writes.push_back({static_cast<std::uint8_t>(control), any_control(random, params)});
  shuffle(random, writes);
  return writes;
}

/// Adds illegal writes behind those of a program, if there are any.
void add_illegal_writes(Random& random, const EncoderParams& params, std::vector<ConfigWrite>& config) {
  // The control word's number of terms is a register of its own, so it differs from the program's now and then.
  if (random.percent(25) && !config.empty()) {
    ConfigWrite control{static_cast<std::uint8_t>(params.entries() + 4), 0};
    for (const ConfigWrite& write : config) {
      if (write.address == control.address) control.data = write.data;
    }
    control.data = (control.data & ~0x1CU) | random.below(8) << 2;
    config.push_back(control);
  }
  // Programs of formats leave many bits of the table alike. So most stimuli have any program, and the rest have a
  // format's own or that of reset.
  if (random.percent(70) && !config.empty()) {
    const std::vector<ConfigWrite> program = any_program(random, params);
    config.insert(config.end(), program.begin(), program.end());
  }
}

}  // namespace

std::optional<Refusal> encoder_unsupported(const EncoderParams& params, const quant::Format& format) {
  try {
    const unsigned max_shift = (1U << params.shift_width) - 1;
    const bool table = !quant::is_integer(format.alphabet.kind);
    const auto program = quant::lower(format, table ? params.table_terms : kBoothDigits, max_shift);
    if (table && format.alphabet.code_bits > params.table_bits) {
      return Refusal{"codes of " + std::to_string(format.alphabet.code_bits) + " bits are " +
                     std::to_string(program.entries.size()) + " entries, table_bits " +
                     std::to_string(params.table_bits) + " holds " + std::to_string(params.entries())};
    }
    config_writes(params, program);
    return {};
  } catch (const std::invalid_argument& error) {
    return Refusal{error.what()};
  }
}

std::vector<ConfigWrite> random_config(const EncoderParams& params, const quant::Format& format, std::uint64_t seed,
                                       bool illegal) {
  Random random(seed ^ 0xC0F16);
  const std::vector<ConfigWrite> program = config_writes(
      params, quant::lower(format, std::max(params.table_terms, kBoothDigits), (1U << params.shift_width) - 1));
  if (random.percent(50) && table_of(params, program) == reset_table(params)) return {};
  std::vector<ConfigWrite> writes;
  if (illegal) {
    for (unsigned address = 0; address < params.entries() + 4; ++address) {
      writes.push_back({static_cast<std::uint8_t>(address), any_word(random)});
    }
    random_writes(random, 16, 0, writes);
  }
  writes.insert(writes.end(), program.begin(), program.end());
  if (illegal) random_writes(random, 16, params.entries() + 5, writes);
  return writes;
}

Trace term_encoder_golden(const Parameters& parameters, const Stimulus& stimulus, TraceWindow window) {
  const EncoderParams p = EncoderParams::of(parameters);
  const BeatShape in = input_shape(parameters);
  const BeatShape out = output_shape(parameters);
  const EncoderTable table = table_of(p, stimulus.config);
  const unsigned selectors = in.offset("selector");
  const unsigned zeros = in.offset("zero");
  Trace trace(out.words(), false, window);
  std::vector<std::uint64_t> beat(in.words());
  std::vector<std::uint64_t> result(out.words());
  for (std::size_t i = 0; i < stimulus.input.count; ++i) {
    stimulus.input.fill(i, beat);
    for (unsigned t = 0; t < table.terms; ++t) {
      for (unsigned k = 0; k < p.cols * p.lanes; ++k) {
        const unsigned c = k / p.lanes;
        const auto code = static_cast<unsigned>(get_bits(beat, k * 8, 8));
        const auto selector = static_cast<unsigned>(get_bits(beat, selectors + 2 * c, 2));
        const auto zero = static_cast<unsigned>(get_bits(beat, zeros + 8 * c, 8));
        set_bits(result, k * p.term_bits(), p.term_bits(), encode(p, table, code, selector, zero, t));
      }
      set_bits(result, out.offset("last"), 1, t + 1 == table.terms ? 1 : 0);
      trace.append(result);
    }
  }
  return trace;
}

Stimulus term_encoder_random(const Parameters& parameters, const RandomRequest& request) {
  const EncoderParams p = EncoderParams::of(parameters);
  const BeatShape in = input_shape(parameters);
  Random random(request.seed);
  Stimulus stimulus;
  stimulus.stalls = request.stalls;
  stimulus.cases = request.cases;
  stimulus.config = random_config(p, request.format, request.seed, request.illegal);
  if (request.illegal) add_illegal_writes(random, p, stimulus.config);
  Beats beats(in.words());
  for (std::size_t i = 0; i < request.cases; ++i) {
    const std::span<std::uint64_t> beat = beats.append();
    for (unsigned k = 0; k < p.cols * p.lanes; ++k) {
      set_bits(beat, k * 8, 8, draw_code(random, request.format, request.illegal));
    }
    for (unsigned c = 0; c < p.cols; ++c) {
      const unsigned selectors = request.illegal ? 4 : request.format.alphabet.selectors();
      const bool zero_point = request.format.scaling.zero_point;
      const unsigned zeros = request.illegal && random.percent(10) ? 256
                             : zero_point                          ? 1U << request.format.alphabet.code_bits
                                                                   : 1;
      set_bits(beat, in.offset("selector") + 2 * c, 2, random.below(selectors));
      set_bits(beat, in.offset("zero") + 8 * c, 8, random.below(zeros));
    }
  }
  stimulus.input = source_of(std::move(beats));
  return stimulus;
}

UnitInfo term_encoder_info() {
  UnitInfo info;
  info.name = "term_encoder";
  info.summary = "codes to ±2^k terms: a writable table, or radix-4 Booth recoding of code - zero";
  info.takes_terms = true;
  info.case_is = "one input beat";
  info.parameters = {lanes_spec(), cols_spec(), table_specs()[0], table_specs()[1], shift_width_spec()};
  info.points = {resolve(info, {}), resolve(info, {{"lanes", 1}, {"cols", 1}, {"table_bits", 4}, {"shift_width", 4}}),
                 resolve(info, {{"lanes", 2}, {"cols", 3}, {"table_bits", 3}, {"shift_width", 2}}),
                 resolve(info, {{"lanes", 8}, {"cols", 2}, {"table_bits", 6}, {"table_terms", 4}, {"shift_width", 4}})};
  info.small_point = {{"lanes", 2}, {"cols", 1}};
  info.work_per_cycle = [](const Parameters& p) {
    return Work{0, static_cast<double>(p.at("cols") * p.at("lanes")) / 2, "weights of two terms (bitmod-fp4)"};
  };
  info.has_config = true;
  info.output_follows_input = true;
  info.input_shape = input_shape;
  info.output_shape = output_shape;
  info.golden = term_encoder_golden;
  info.random = term_encoder_random;
  info.unsupported = [](const Parameters& parameters, const quant::Format& format) {
    return encoder_unsupported(EncoderParams::of(parameters), format);
  };
  return info;
}

}  // namespace subbyte::kernels
