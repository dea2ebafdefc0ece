#include "sim/commands/simulate_options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/base/input_error.hpp"
#include "sim/base/output_path.hpp"
#include "sim/checkpoint/checkpoint.hpp"
#include "sim/commands/common_options.hpp"
#include "sim/commands/simulate_report.hpp"
#include "sim/config/design_file.hpp"
#include "sim/config/format_file.hpp"
#include "sim/cost/design_effect.hpp"
#include "sim/llm/record_activations.hpp"
#include "sim/workload/model_shape_file.hpp"

namespace subbyte::sim {
namespace {

constexpr const char* kUsage =
    "simulate {--weights P | --format F [--model M]} [--design D]\n"
    "                        [--layer L | --layers PATTERN] [OPTIONS]\n"
    "       simulate {--workload W | --gemm SIZE} --format F --design D [OPTIONS]";

constexpr const char* kNotes = R"(
The exit status is 1, and no cycle count is given, when the outputs of the engines differ. The
energy counts the transitions of a netlist without wires. Glitches are in it, from a sample of the
cycles that runs with the delays of the gates; --zero-delay leaves them out. While the unit waits
for memory its clock runs on. energy_delay_product is the energy times the time of the whole run,
all tokens. energy_low and energy_high follow from the published range of the DRAM and from the
95 % intervals of the windows and of that sample, and from nothing else.

Example: subbyte simulate --weights fp4.safetensors --layer model.layers.0.self_attn.q_proj
A whole model: subbyte simulate --format policy.yaml --layers all --energy --record model.json

With --workload a whole model runs on a design with a core, from its shape alone: how long its
linear layers, with --kv-format attention's products, and with a vector unit in the design all that
stands between them take in prefill and decode. The result names what is not in it.

Shapes alone: subbyte simulate --workload llama-2-7b --format bitmod-fp4 --design bitmod-core-32x32
)";

constexpr std::size_t kMostBatch = 65536, kMostTokens = 1 << 20;

ModelPhases parse_phases(const std::string& text) {
  auto numbers = named_numbers(text, {"prefill", "decode"}, kMostTokens, 0);
  if (numbers["prefill"] + numbers["decode"] == 0) throw std::invalid_argument("has no token in either phase");
  return {numbers["prefill"], numbers["decode"], 1};
}

std::optional<ProductSize> parse_gemm(const std::string& text) {
  const std::vector<std::string> names{"tokens", "outputs", "inputs"};
  auto numbers = named_numbers(text, names, std::size_t{1} << 24U);
  for (const std::string& name : names)
    if (!numbers.contains(name))
      throw std::invalid_argument(fmt::format("has no {}, expected tokens=M,outputs=N,inputs=K", name));
  return ProductSize{numbers["tokens"], numbers["outputs"], numbers["inputs"]};
}

/// What is written, before names become what they stand for.
struct Written {
  std::optional<std::string> weights, format;
  std::optional<std::string> workload;
  ModelPhases phases;
  std::size_t batch = 1, context = 0;
  std::optional<std::string> kv_format;
  std::optional<ProductSize> gemm;
  std::string design = "bitmod-8x8";
  std::string engines = "golden,systemc,rtl";
  DesignChanges changes;

  /// The option that asks for shapes, which have no weights; empty where none does.
  std::string_view shapes() const { return workload ? "workload" : gemm ? "gemm" : ""; }
};

void add_layer(Options& options, Written& written, SimulateCommand& command) {
  options
      .value("weights P", written.weights,
             "Run the weights in this packed file, which `subbyte quantize` or `subbyte import` wrote (the first "
             "argument).")
      .without_name();
  options.value("format F", written.format,
                "In place of --weights, quantize the layer of --model to this format or by this policy (.yaml).");
  options.value("model M", command.model,
                "Take the FP32 weights of this model; with --weights they are the reference of the SQNR. With --format "
                "the default is 'embedded', the model that comes with Subbyte.");
  options.value("layer L", command.layer, "Run this layer. By default it is the first quantized one.");
  options.pattern("layers PATTERN", command.layers,
                  "In place of --layer, run every quantized layer whose name matches this shell pattern, or all of "
                  "them with 'all', and print one table with totals.");
  options.value("activations FILE", command.activations.file,
                "Take these inputs ([tokens][in], .npy or .safetensors). By default they are the inputs that the layer "
                "gets when its own model runs on the text beside it, and else seeded Gaussian numbers, which is said.");
  options.value("tokens N", command.activations.tokens,
                "Run this many tokens. By default they are 16, or all of --activations.");
  options.value("seed N", command.activations.seed, "Draw Gaussian activations from this seed.");
}

void add_shapes(Options& options, Written& written) {
  options.value("workload W", written.workload,
                "In place of weights, run the linear layers of this model from its shape alone: a name in "
                "configs/workloads, a YAML file with its keys (`subbyte keys workload`), or a model's config.json. The "
                "design must have a core, and the engine is fast.");
  options.named("phase PHASE=N,...", written.phases, "prefill=256,decode=256", parse_phases,
                "With --workload, run these phases: prefill=N is one pass over a prompt of N tokens, and decode=N are "
                "N steps of one token each.");
  options.value("batch N", written.batch,
                "With --workload, run this many sequences together, each with a prompt of its own; a step of decode is "
                "then as many tokens.",
                {1, kMostBatch});
  options.value(
      "kv-format F", written.kv_format,
      "With --workload, run the products of attention too, with keys and values in this format: one scale for "
      "each token and head, such as int8:gchannel.");
  options.value("context N", written.context,
                "With --kv-format, begin with this many tokens of each sequence in the cache.", {0, kMostTokens});
  options.named("gemm SIZE", written.gemm, "", parse_gemm,
                "In place of --workload, run one product of a matrix of weights with a matrix of activations: "
                "tokens=M,outputs=N,inputs=K.");
}

void add_design(Options& options, Written& written, SimulateCommand& command) {
  options.value("design D", written.design, "Run on this design: a name in configs/designs, or a YAML file.");
  add_set(options, written.changes, "the design");
  options.value(
      "engine E,...", written.engines,
      "Run these engines and compare them: golden, fast, systemc, rtl, netlist. With --layers, --workload and "
      "--gemm the default is fast.");
  add_rtl_dir(options, command.engine_options.rtl_dir,
              "Run the SystemVerilog sources in this folder, not the project's; --synth and --energy measure them.");
  options.value("out FILE", command.out, "Write the outputs Y [tokens][out] as .npy (FP32).").output();
  options.value("waves FOLDER", command.waves, "Write an FST waveform and a GTKWave save file into this folder.")
      .output();
  options
      .value("timeline FILE", command.timeline,
             "Of a design with a core, write what array, memory and buffers do in each cycle as a trace (JSON) for "
             "chrome://tracing or Perfetto; what it leaves out is said.")
      .output();
}

void add_costs(Options& options, Written& written, SimulateCommand& command) {
  options.flag("synth", command.synth,
               "Also synthesise the design in its technology: this gives the area and says whether the clock is met.");
  options.flag("energy", command.energy,
               "Also measure joules per token, power and area of unit, buffers and DRAM. This synthesises the design "
               "and runs its netlist under the beats of the layer; of a core it is one tile. With --workload and "
               "--gemm the beats are those of the embedded model, and there is no area of a core.");
  add_zero_delay(options, command.zero_delay);
  options.value("technology T", command.technology,
                "With --synth and --energy, use this technology (a name in configs/technologies, or a Liberty file). "
                "By default it is the design's.");
  options.flag("clock-unchecked", command.clock_unchecked,
               "Go on with a clock that the circuit is known to miss. Without this, that is an error; where nobody has "
               "synthesised the design yet, the clock is not checked, which is said beside every time and rate.");
  add_memories(options, written.changes);
  add_record(options, command.record);
  add_verbose(options, command.verbose);
}

void check(const Options& options, const Written& written, const SimulateCommand& command) {
  options.one_of("weights", "format");
  options.needs({"technology"}, {"synth", "energy"});
  options.needs({"sram", "dram", "zero-delay"}, {"energy"});
  options.excludes({"layer", "out", "waves", "timeline"}, "layers", "expected it with --layer alone");
  options.excludes({"seed"}, "activations", "which are not drawn");
  const bool mapped = has_engine(command.engines, {"netlist"}) || command.synth || command.energy;
  const bool core = command.design->core.has_value();
  options.effective({"rtl-dir"}, has_engine(command.engines, {"rtl"}) || command.waves || mapped,
                    core ? "rtl among --engine" : "rtl or netlist among --engine, --synth or --energy");
  if (mapped) check_rtl_layout(command.engine_options.rtl_dir);
  const std::string expected =
      fmt::format("an engine that computes values: golden, systemc{}", core ? " or rtl" : ", rtl or netlist");
  if (written.weights) options.effective({"model"}, command.values(), expected);
  options.effective({"out"}, command.values(), expected);
  const bool timed = std::ranges::any_of(command.engines, &Engine::timed);
  options.effective({"timeline"}, core && timed, "a design with a core, and fast, systemc or rtl among --engine");
  if (command.layers && command.synth && !command.energy)
    throw InputError("", "--synth", "is given with --layers, expected --energy, which has the area");
  if (command.layers && written.weights && command.model)
    throw InputError("", "--model",
                     "is given with --layers and --weights, expected one layer, whose SQNR it is the reference of");
}

/// What runs shapes has no weights, and one engine.
void check_shapes(const Options& options, const Written& written, const SimulateCommand& command) {
  options.excludes({"gemm"}, "workload");
  const std::string_view name = written.shapes();
  options.excludes(
      {"weights", "model", "layer", "layers", "activations", "tokens", "seed", "out", "waves", "rtl-dir", "synth"},
      name, "which runs shapes without weights on a core");
  if (!options.given("format"))
    throw InputError("", "--format", fmt::format("is missing, expected it beside --{}", name));
  for (const Engine* engine : command.engines)
    if (engine->name != "fast")
      throw InputError(
          "", "--engine",
          fmt::format("{} needs the bits of a layer, and --{} has its shape alone; expected fast", engine->name, name));
}

/// Reads the model's shape and the formats of its layers.
PhaseWork read_shapes(const Written& written) {
  const Policy policy = at_option("--format", [&] { return parse_policy(*written.format); });
  if (written.gemm) {
    if (!policy.is_file()) return product_work(*written.gemm, *policy.format_of("gemm"));
    throw InputError("", "--format", fmt::format("is {}, a policy, expected one format beside --gemm", policy.text()));
  }
  const ModelShapeFile file = read_model_shape(*written.workload);
  ModelPhases phases{written.phases.prefill, written.phases.decode, written.batch, {}, written.context};
  if (written.kv_format)
    at_option("--kv-format", [&] {
      phases.kv_format = read_format(*written.kv_format);
      check_kv_format(*phases.kv_format, file.shape);
    });
  PhaseWork work = at_option("--phase", [&] { return model_work(file.shape, policy, phases); });
  work.unread = file.unread;
  return work;
}

/// What a core does not know yet.
void check_core(const SimulateCommand& command) {
  for (const auto& [name, given] :
       {std::pair("--synth", command.synth), std::pair("--layers with --energy", command.layers && command.energy)})
    if (given)
      throw InputError("", name,
                       fmt::format("is not there yet for '{}', a design with a core; expected a design without `core`",
                                   command.design->name));
  for (const Engine* engine : command.engines)
    if (engine->name == "netlist")
      throw InputError("", "--engine",
                       "netlist would make registers of the core's SRAMs; expected golden, fast, systemc or rtl");
}

/// Shapes run on a core alone.
void require_core(const Design& design, std::string_view option) {
  if (design.core) return;
  throw InputError("", "--design",
                   fmt::format("is '{}', which has no core for --{} to run on; expected {}, or a design of your own "
                               "with `core`",
                               design.name, option, fmt::join(design_names(DesignKind::kWithCore), ", ")));
}

/// Reads the design and what the engines are called, which depend on it.
void read_machine(const Options& options, const Written& written, SimulateCommand& command) {
  const std::vector<Setting> settings = settings_of(written.changes);
  check_one_technology(settings, command.technology);
  const bool shapes = !written.shapes().empty();
  if (const auto why = why_no_design(written.design, shapes ? DesignKind::kWithCore : DesignKind::kAny))
    throw InputError("", "--design", *why);
  command.design = read_design(written.design, settings);
  if (command.design->core) options.needs({"clock-unchecked"}, {"energy"});
  const std::string names = !options.given("engine") && (shapes || command.layers) ? "fast" : written.engines;
  command.engines = command.design->core ? parse_engines(names, {"netlist"}) : parse_engines(names);
}

}  // namespace

std::optional<SimulateCommand> read_simulate(Arguments args) {
  Written written;
  SimulateCommand command;
  Options options(kUsage, command.json);
  add_layer(options, written, command);
  add_shapes(options, written);
  add_design(options, written, command);
  add_costs(options, written, command);
  options.notes(std::string(kNotes) + kSimulateJson);
  refuse_glitches(args);
  if (!options.parse(args)) return std::nullopt;
  options.needs({"phase", "batch", "kv-format"}, {"workload"});
  options.needs({"context"}, {"kv-format"});
  const bool shapes = !written.shapes().empty();
  read_machine(options, written, command);
  if (shapes) check_shapes(options, written, command);
  check(options, written, command);
  if (written.format)
    check_one_format(*written.format, "for several, run simulate for each, or a sweep (`subbyte sweep`)");
  command.seed_given = options.given("seed");
  if (command.design->core) check_core(command);
  if (command.waves) check_output_folder(*command.waves);
  if (shapes) require_core(*command.design, written.shapes());
  if (shapes) command.shapes = read_shapes(written);
  refuse_without_effect(*command.design, written.design,
                        use_of_run(*command.design, command.values(), command.energy, command.shapes));
  command.activations.record = recorded_by_the_model();
  if (written.weights && command.model) command.activations.model = *command.model;
  command.weights = written.weights.value_or("");
  command.format = written.format.value_or("");
  return command;
}

}  // namespace subbyte::sim
