// `subbyte simulate`: one layer of packed weights on a design, or all of them, through engines that must agree.
#include <fmt/format.h>

#include <filesystem>
#include <iostream>

#include "kernels/catalogue.hpp"
#include "quant/rules/distortion.hpp"
#include "reports/record.hpp"
#include "sim/area/area.hpp"
#include "sim/base/input_error.hpp"
#include "sim/checkpoint/checkpoint.hpp"
#include "sim/checkpoint/open_checkpoint.hpp"
#include "sim/commands/command.hpp"
#include "sim/commands/record_option.hpp"
#include "sim/commands/simulate_report.hpp"
#include "sim/cost/all_layers.hpp"
#include "sim/cost/layer_energy_report.hpp"
#include "sim/cost/roofline.hpp"
#include "sim/engines/waves.hpp"
#include "sim/files/npy.hpp"

namespace subbyte::sim {
namespace {

namespace po = boost::program_options;

CommandLine simulate_line() {
  CommandLine line;
  line.usage = "simulate {--weights P | --format F [--model M]} [--design D] [--layer L | --layers PATTERN] [OPTIONS]";
  line.options.add_options()  //
      ("weights", po::value<std::string>(),
       "packed weights (from `subbyte quantize` or `subbyte import`)")  //
      ("format", po::value<std::string>(),
       "in place of --weights: quantize the layer of --model to this format or policy (.yaml)")  //
      ("design", po::value<std::string>()->default_value("bitmod-8x8"),
       "name in configs/designs, or a YAML file")                                     //
      ("layer", po::value<std::string>(), "layer; default: the first quantized one")  //
      ("layers", po::value<std::string>(),
       "in place of --layer: every quantized layer that this shell pattern matches, 'all' for all of them; one table, and totals")  //
      ("activations", po::value<std::string>(),
       "inputs [tokens][in] (.npy or .safetensors); default: the embedded model's recorded ones for a layer "
       "of that name "
       "and width, else seeded Gaussian")                                                             //
      ("tokens", po::value<std::size_t>(), "number of tokens; default: 16, or all of --activations")  //
      ("seed", po::value<std::uint64_t>()->default_value(1), "seed of Gaussian activations")          //
      ("engine", po::value<std::string>()->default_value("golden,systemc,rtl"),
       "engines to run and compare; with --layers 'fast' by default")  //
      ("model", po::value<std::string>(),
       "model whose FP32 weights are the SQNR's reference too; with --format 'embedded' by default")  //
      ("out", po::value<std::string>(), "write Y [tokens][out] as .npy (FP32)")                       //
      ("waves", po::value<std::string>(),
       "directory for an FST waveform and a GTKWave save file, which `gtkwave FILE.gtkw` opens")  //
      ("rtl-dir", po::value<std::string>(), "SystemVerilog sources to run instead of the project's rtl/");
  line.options.add_options()("synth", po::bool_switch(),
                             "also synthesise the design in its technology: area, and whether its clock is met")  //
      ("energy", po::bool_switch(),
       "also joules per token, power and area: unit, buffers, DRAM (synthesises; the netlist runs under the layer's beats)")  //
      ("glitches", po::bool_switch(),
       "with --energy: the netlist also with delays (some 15 s a layer the first time): glitch factor and the unit's energy with it")  //
      ("technology", po::value<std::string>(),
       "of --synth and --energy: name in configs/technologies or a Liberty file; default: the design's")  //
      ("sram", po::value<std::string>()->default_value(""),
       "energies of SRAM banks (CSV) in place of configs/memories/sram.csv")  //
      ("dram", po::value<std::string>()->default_value(""),
       "energies of DRAM (CSV) in place of configs/memories/dram.csv");
  add_record_option(line.options);
  line.positional.add("weights", 1);
  line.notes =
      "Exit status 1, and no cycle count, when the engines' outputs differ.\n"
      "Energy: zero-delay transitions of the netlist (glitches not in it, but for --glitches), no wires; while the unit waits for\n"
      "memory its clock runs on. energy_delay_product is energy x time of the whole run, all tokens; energy_low and energy_high\n"
      "hold the DRAM's published range and the windows' 95 % interval alone.\n"
      "A whole model: subbyte simulate --format policy.yaml --layers all --energy --record model.json\n"
      "Example: subbyte simulate --weights fp4.safetensors --layer model.layers.0.self_attn.q_proj --tokens "
      "16\n"
      "JSON: {\"equal\", \"layer\", \"format\", \"tokens\", \"in\", \"out\", \"activations\", "
      "\"activation_format\", \"design\", \"design_hash\",\n"
      "       \"engines\":[{\"engine\",\"beats\",\"wall_s\",\"failure\"}], and when equal \"bound\",\n"
      "       \"metrics\":[{\"name\",\"quantity\",\"unit\",\"value\",\"source\"}], else \"mismatch\"; "
      "\"waves\"}\n"
      "       with --energy \"energy\":[{\"where\",\"action\",\"count\",\"pj_each\",\"energy_j\",\"low_j\",\"high_j\",\"source\"}]\n"
      "       (low_j and high_j null where no range is known) and \"conditions\"; with --layers\n"
      "       {\"equal\",\"design\",\"tokens\",\"left_out\",\"metrics\",\"clock\",\"layers\":[{\"layer\",\"format\",\"cycles\",\"bound\",\"time_s\",...}]}\n";
  return line;
}

LayerQuery query_of(const po::variables_map& options) {
  if (options.count("weights") + options.count("format") != 1)
    throw InputError("", "--weights",
                     fmt::format("is {}, expected it or --format",
                                 options.count("format") == 0 ? "missing" : "given with --format"));
  LayerQuery query;
  if (options.count("weights") != 0) query.weights = options["weights"].as<std::string>();
  if (options.count("format") != 0) {
    query.format = options["format"].as<std::string>();
    query.model = options.count("model") != 0 ? options["model"].as<std::string>() : std::string(kEmbedded);
  }
  if (options.count("layer") != 0) query.layer = options["layer"].as<std::string>();
  if (options.count("activations") != 0) query.activations = options["activations"].as<std::string>();
  if (options.count("tokens") != 0) query.tokens = options["tokens"].as<std::size_t>();
  query.seed = options["seed"].as<std::uint64_t>();
  return query;
}

WaveFiles layer_waves(const SimulateRequest& request, const SimulateResult& result, const std::string& layer,
                      const std::filesystem::path& directory) {
  const std::string stem = file_stem(fmt::format("{}-{}-{}", request.design.name, layer, request.weights.format.id()));
  return write_engine_waves(*request.design.unit, request.design.parameters,
                            map_layer(request.design, request.weights, request.activations, request.stalls).stimulus,
                            request.options, directory / stem,
                            result.first ? std::optional(result.first->mismatch) : std::nullopt);
}

std::vector<reports::Metric> metrics_of(const po::variables_map& options, const Design& design,
                                        const LayerInputs& inputs, const SimulateResult& result) {
  std::vector<reports::Metric> metrics;
  if (result.cycles)
    metrics = layer_metrics(design, inputs.weights, inputs.activations.tokens, *result.cycles, result.cycle_source);
  if (result.y.empty()) return metrics;
  const std::span<const std::uint16_t> x = inputs.activations.bits;
  const auto packed =
      quant::reference_product(quant::decoded(inputs.weights), inputs.weights.rows, x, inputs.activations.cols);
  metrics.push_back({"datapath_sqnr", "error", "dB", quant::sqnr_db(packed, result.y), "derived"});
  if (options.count("model") != 0) {
    const Tensor tensor = open_checkpoint(options["model"].as<std::string>()).load(inputs.layer);
    if (tensor.values.size() != inputs.weights.rows * inputs.weights.cols)
      throw InputError(options["model"].as<std::string>(), inputs.layer, "another shape than the packed layer's");
    const auto reference = quant::reference_product(tensor.values, inputs.weights.rows, x, inputs.activations.cols);
    metrics.push_back({"layer_sqnr", "error", "dB", quant::sqnr_db(reference, result.y), "derived"});
  }
  return metrics;
}

/// What synthesis adds; the sentence says whether the design's clock holds.
struct Silicon {
  std::vector<reports::Metric> metrics;
  std::string clock;
};

const auto kProgress = [](const std::string& text) { std::cerr << text << "\n"; };

Technology technology_of(const po::variables_map& options, const Design& design) {
  return read_technology(options.count("technology") != 0 ? options["technology"].as<std::string>()
                                                          : design.technology);
}

Silicon silicon_of(const Design& design, const Technology& technology) {
  SynthesisOptions options;
  options.clock_mhz = design.clock_mhz;
  options.progress = kProgress;
  const SynthesisResult result = synthesize(*design.unit, design.parameters, technology.library, options);
  const ClockCheck check = clock_met(result, design.clock_mhz);
  const std::string source = "rtl synthesised in " + corner_text(technology.library);
  return {{{"area", "area", "um2", result.area_um2, source},
           {"gate_equivalents", "area", "GE", result.gate_equivalents, source},
           {"critical_path", "time", "ns", check.path_ns, source + ", in " + check.where}},
          check.text};
}

void add_energy(const Design& design, const Technology& technology, const SimulateRequest& request, bool glitches,
                SimulateReport& report) {
  if (!report.result.cycles)
    throw InputError("", "--energy", "needs cycles, expected fast, systemc or rtl among --engine");
  const kernels::Stimulus stimulus = map_layer(design, request.weights, request.activations).stimulus;
  const UnitPower unit = unit_power(design, stimulus, technology.library, glitches, kProgress);
  report.conditions = energy_conditions(design, unit, technology);
  report.energy = layer_energy(design, request.weights, request.activations.tokens, *report.result.cycles, unit);
  for (const reports::Metric& metric : energy_metrics(*report.energy)) report.metrics.push_back(metric);
  for (const reports::Metric& metric : buffer_area_metrics(design))
    report.metrics.push_back(metric);  // the unit's came from synthesis
}

int one_layer(const po::variables_map& options, const Design& design) {
  const EngineOptions with{.rtl_dir = rtl_directory(options)};
  const auto engines = open_engines(parse_engines(options["engine"].as<std::string>()), with);
  const LayerInputs inputs = read_layer_inputs(query_of(options));
  SimulateRequest request{
      design,  inputs.weights, {inputs.activations.bits, inputs.activations.tokens, inputs.activations.cols},
      engines, with,           {}};
  const SimulateResult result = simulate_layer(request);
  SimulateReport report{design, inputs, result};
  if (options.count("waves") != 0)
    report.waves.push_back(layer_waves(request, result, inputs.layer, options["waves"].as<std::string>()));
  if (result.equal()) report.metrics = metrics_of(options, design, inputs, result);
  const bool energy = options["energy"].as<bool>();
  if (options["synth"].as<bool>() || energy) {
    const Technology technology = technology_of(options, design);
    Silicon silicon = silicon_of(design, technology);
    report.clock = silicon.clock;
    report.metrics.insert(report.metrics.end(), silicon.metrics.begin(), silicon.metrics.end());
    if (energy && result.equal()) add_energy(design, technology, request, options["glitches"].as<bool>(), report);
  }
  write_record(options, simulate_record(report));
  if (!result.y.empty() && options.count("out") != 0) {
    const std::vector<std::size_t> shape{inputs.activations.tokens, inputs.weights.rows};
    write_npy(options["out"].as<std::string>(), shape, std::span<const float>(result.y));
  }
  if (options["json"].as<bool>())
    print_json(simulate_json(report));
  else
    std::cout << simulate_text(report);
  return result.equal() ? kDone : kDiffers;
}

int many_layers(const po::variables_map& options, const Design& design) {
  for (const char* name : {"layer", "out", "waves"})
    if (options.count(name) != 0)
      throw InputError("", std::string("--") + name, "is given with --layers, expected it with --layer alone");
  if (options["synth"].as<bool>() && !options["energy"].as<bool>())
    throw InputError("", "--synth", "is given with --layers, expected --energy, which has the area");
  if (options.count("weights") != 0 && options.count("model") != 0)
    throw InputError("", "--model",
                     "is given with --layers and --weights, expected one layer, whose SQNR it is the reference of");
  const LayerSource source(query_of(options));
  const auto engines = parse_engines(options["engine"].defaulted() ? "fast" : options["engine"].as<std::string>());
  const EngineOptions with{.rtl_dir = rtl_directory(options)};
  LayersRequest request{design, source, options["layers"].as<std::string>(), open_engines(engines, with), with};
  request.progress = kProgress;
  std::optional<Technology> technology;
  if (options["energy"].as<bool>()) technology = technology_of(options, design);
  request.technology = technology ? &*technology : nullptr;
  request.glitches = options["glitches"].as<bool>();
  const LayersResult result = simulate_layers(request);
  const bool json = options["json"].as<bool>();
  if (!result.mismatch.empty()) {
    if (json)
      print_json(layers_json(request, result));
    else
      std::cout << "DIFFER: the engines do not agree, so no performance figure is given.\nfirst wrong value: "
                << result.mismatch << "\n";
    return kDiffers;
  }
  reports::Record record = layers_record(request, result);
  const std::string clock = technology ? silicon_of(design, *technology).clock : "";
  if (technology) record.provenance["clock"] = clock;
  write_record(options, record);
  if (json) {
    nlohmann::ordered_json object = layers_json(request, result);
    if (technology) object["clock"] = clock;
    print_json(object);
  } else {
    record.tables.pop_back();  // the roofline, which is a picture
    std::cout << reports::terminal(record) << clock << (clock.empty() ? "" : "\n");
  }
  return kDone;
}

}  // namespace

int run_simulate(Arguments args) {
  const auto parsed = parse_options(args, simulate_line());
  if (!parsed) return kDone;
  const po::variables_map& options = *parsed;
  const Design design = read_design(options["design"].as<std::string>(),
                                    {options["sram"].as<std::string>(), options["dram"].as<std::string>()});
  if (options.count("technology") != 0 && !options["synth"].as<bool>() && !options["energy"].as<bool>())
    throw InputError("", "--technology", "is given without --synth and --energy, which ask for it");
  for (const char* name : {"sram", "dram"}) {
    if (!options[name].defaulted() && !options["energy"].as<bool>())
      throw InputError("", std::string("--") + name, "is given without --energy, which asks for it");
  }
  if (options["glitches"].as<bool>() && !options["energy"].as<bool>())
    throw InputError("", "--glitches", "is given without --energy, whose factor it tells");
  return options.count("layers") != 0 ? many_layers(options, design) : one_layer(options, design);
}

}  // namespace subbyte::sim
