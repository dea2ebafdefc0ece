// `subbyte simulate`: one layer of packed weights on a design, through engines that must agree.
#include <fmt/format.h>

#include <filesystem>
#include <iostream>

#include "reports/record.hpp"
#include "sim/command.hpp"
#include "sim/engine_waves.hpp"
#include "sim/input_error.hpp"
#include "sim/metric.hpp"
#include "sim/model.hpp"
#include "sim/npy.hpp"
#include "sim/record_option.hpp"
#include "sim/simulate.hpp"
#include "sim/simulate_inputs.hpp"
#include "sim/synth_report.hpp"
#include "sim/technology.hpp"

namespace subbyte::sim {
namespace {

namespace po = boost::program_options;

CommandLine simulate_line() {
  CommandLine line;
  line.usage = "simulate {--weights P | --format F [--model M]} [--design D] [--layer L] [OPTIONS]";
  line.options.add_options()  //
      ("weights", po::value<std::string>(),
       "packed weights (from `subbyte quantize` or `subbyte import`)")  //
      ("format", po::value<std::string>(),
       "in place of --weights: quantize the layer of --model to this format or policy (.yaml)")  //
      ("design", po::value<std::string>()->default_value("bitmod-8x8"),
       "name in configs/designs, or a YAML file")                                     //
      ("layer", po::value<std::string>(), "layer; default: the first quantized one")  //
      ("activations", po::value<std::string>(),
       "inputs [tokens][in] (.npy or .safetensors); default: the embedded model's recorded ones for a layer "
       "of that name "
       "and width, else seeded Gaussian")                                                             //
      ("tokens", po::value<std::size_t>(), "number of tokens; default: 16, or all of --activations")  //
      ("seed", po::value<std::uint64_t>()->default_value(1), "seed of Gaussian activations")          //
      ("engine", po::value<std::string>()->default_value("golden,systemc,rtl"),
       "engines to run and compare")  //
      ("model", po::value<std::string>(),
       "model whose FP32 weights are the SQNR's reference too; with --format 'embedded' by default")  //
      ("out", po::value<std::string>(), "write Y [tokens][out] as .npy (FP32)")                       //
      ("waves", po::value<std::string>(), "directory for an FST waveform and a GTKWave save file")    //
      ("rtl-dir", po::value<std::string>(), "SystemVerilog sources to run instead of the project's rtl/");
  line.options.add_options()(
      "synth", po::bool_switch(),
      "also synthesise the design in its technology: area, and whether its clock is met");
  add_record_option(line.options);
  line.positional.add("weights", 1);
  line.notes =
      "Exit status 1, and no cycle count, when the engines' outputs differ.\n"
      "Example: subbyte simulate --weights fp4.safetensors --layer model.layers.0.self_attn.q_proj --tokens "
      "16\n"
      "JSON: {\"equal\", \"layer\", \"format\", \"tokens\", \"in\", \"out\", \"activations\", "
      "\"activation_format\", \"design\", \"design_hash\",\n"
      "       \"engines\":[{\"engine\",\"beats\",\"wall_s\",\"failure\"}], and when equal \"bound\",\n"
      "       \"metrics\":[{\"name\",\"quantity\",\"unit\",\"value\",\"source\"}], else \"mismatch\"; "
      "\"waves\"}\n";
  return line;
}

LayerInputs inputs_of(const po::variables_map& options) {
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
  return read_layer_inputs(query);
}

WaveFiles layer_waves(const SimulateRequest& request, const SimulateResult& result, const std::string& layer,
                      const std::filesystem::path& directory) {
  const std::string stem =
      file_stem(fmt::format("{}-{}-{}", request.design.name, layer, request.weights.format.id()));
  return write_engine_waves(kernels::unit(request.design.unit), request.design.parameters,
                            map_layer(request.design, request.weights, request.activations, request.stalls).stimulus,
                            request.options, directory / stem,
                            result.first ? std::optional(result.first->mismatch) : std::nullopt);
}

std::vector<reports::Metric> metrics_of(const po::variables_map& options, const Design& design,
                                        const LayerInputs& inputs, const SimulateResult& result) {
  std::vector<reports::Metric> metrics;
  if (result.cycles)
    metrics =
        layer_metrics(design, inputs.weights, inputs.activations.tokens, *result.cycles, result.cycle_source);
  if (result.y.empty()) return metrics;
  const ActivationView view{inputs.activations.bits, inputs.activations.tokens, inputs.activations.cols};
  const auto packed = reference_product(decoded(inputs.weights), inputs.weights.rows, view);
  metrics.push_back({"datapath_sqnr", "error", "dB", sqnr_db(packed, result.y), "derived"});
  if (options.count("model") != 0) {
    const Tensor tensor = open_model(options["model"].as<std::string>()).load(inputs.layer);
    if (tensor.values.size() != inputs.weights.rows * inputs.weights.cols)
      throw InputError(options["model"].as<std::string>(), inputs.layer,
                       "another shape than the packed layer's");
    const auto reference = reference_product(tensor.values, inputs.weights.rows, view);
    metrics.push_back({"layer_sqnr", "error", "dB", sqnr_db(reference, result.y), "derived"});
  }
  return metrics;
}

std::string bound_of(const Design& design, const LayerInputs& inputs, const SimulateResult& result) {
  if (!result.cycles) return "";
  return layer_time(design, *result.cycles, traffic_of(design, inputs.weights, inputs.activations.tokens))
      .bound();
}

void print_json_result(const Design& design, const LayerInputs& inputs, const SimulateResult& result,
                       const std::vector<reports::Metric>& metrics, const std::vector<WaveFiles>& waves) {
  nlohmann::ordered_json object{{"equal", result.equal()},
                                {"layer", inputs.layer},
                                {"format", inputs.weights.format.id()},
                                {"tokens", inputs.activations.tokens},
                                {"in", inputs.weights.cols},
                                {"out", inputs.weights.rows},
                                {"activations", inputs.origin},
                                {"activation_format", activation_format(design)},
                                {"design", design.resolved},
                                {"design_hash", design.hash},
                                {"engines", nlohmann::ordered_json::array()}};
  for (const EngineRun& run : result.engines) {
    object["engines"].push_back(
        {{"engine", run.engine}, {"beats", run.beats}, {"wall_s", run.wall_s}, {"failure", run.failure}});
  }
  if (result.equal()) {
    const std::string bound = bound_of(design, inputs, result);
    object["bound"] = bound.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(bound);
    object["metrics"] = nlohmann::ordered_json::array();
    for (const reports::Metric& m : metrics) {
      object["metrics"].push_back({{"name", m.name},
                                   {"quantity", m.quantity},
                                   {"unit", m.unit},
                                   {"value", m.value},
                                   {"source", m.source}});
    }
  } else if (result.first) {
    object["mismatch"] = result.first->json();
  }
  object["waves"] = nlohmann::ordered_json::array();
  for (const WaveFiles& wave : waves) object["waves"].push_back(wave.json());
  print_json(object);
}

void print_engines(const SimulateResult& result) {
  std::string names;
  for (const EngineRun& run : result.engines) {
    names += (names.empty() ? "" : " = ") + run.engine;
    std::cout << fmt::format("  {:<8} {} output beats in {:.2f} s of host time{}\n", run.engine, run.beats,
                             run.wall_s, run.failure.empty() ? "" : "; did not finish: " + run.failure);
  }
  if (!result.equal()) {
    std::cout << "DIFFER: the engines do not agree, so no performance figure is given.\n";
    if (result.first) std::cout << "first wrong value: " << result.first->text() << "\n";
  } else if (result.engines.size() > 1) {
    std::cout << fmt::format("equal: {}, {} values{}\n", names, result.y.size(),
                             result.cycles ? ", and the same cycles wherever an engine has them" : "");
  }
}

/// What synthesis adds; the sentence says whether the design's clock holds.
struct Silicon {
  std::vector<reports::Metric> metrics;
  std::string clock;
};

Silicon silicon_of(const Design& design) {
  const Technology technology = read_technology(design.technology);
  SynthesisOptions options;
  options.clock_mhz = design.clock_mhz;
  options.progress = [](const std::string& text) { std::cerr << text << "\n"; };
  const SynthesisResult result = synthesize(design.unit, design.parameters, technology.library, options);
  const ClockCheck check = clock_met(result, design.clock_mhz);
  const std::string source = "rtl synthesised in " + corner_text(technology.library);
  return {{{"area", "area", "um2", result.area_um2, source},
           {"gate_equivalents", "area", "GE", result.gate_equivalents, source},
           {"critical_path", "time", "ns", check.path_ns, source + ", in " + check.where}},
          check.text};
}

reports::Record simulate_record(const Design& design, const LayerInputs& inputs, const SimulateResult& result,
                                const std::vector<reports::Metric>& metrics, const Silicon& silicon) {
  reports::Record record;
  record.title = fmt::format("{} in {} on {}, {} tokens", inputs.layer, inputs.weights.format.id(),
                             design.name, inputs.activations.tokens);
  record.kind = "simulate";
  record.provenance = {
      {"design", design.resolved},
      {"design_hash", design.hash},
      {"activations", inputs.origin},
      {"activation_format", activation_format(design)}};
  if (!silicon.clock.empty()) record.provenance["clock"] = silicon.clock;
  record.metrics = metrics;
  reports::Table engines{
      "Engines",
      {{"engine", "", "", 4}, {"output beats", "", "", 4}, {"host time", "s", "", 3}, {"result", "", "", 4}},
      {},
      silicon.clock};
  for (const EngineRun& run : result.engines) {
    const std::string verdict = !run.failure.empty() ? run.failure : result.equal() ? "equal" : "DIFFER";
    engines.rows.push_back({run.engine, run.beats, run.wall_s, verdict});
  }
  if (result.first) engines.note += " First wrong value: " + result.first->text();
  record.tables = {engines};
  return record;
}

void print_text_result(const Design& design, const LayerInputs& inputs, const SimulateResult& result,
                       const std::vector<reports::Metric>& metrics, const std::vector<WaveFiles>& waves) {
  std::cout << fmt::format("{} ({} outputs x {} inputs, {}{}), {} tokens\n", inputs.layer,
                           inputs.weights.rows, inputs.weights.cols, inputs.weights.format.id(),
                           inputs.layers > 1 ? fmt::format(", one of {} layers", inputs.layers) : "",
                           inputs.activations.tokens);
  std::cout << fmt::format("activations: {}{}\n", result.loop.int8_activations ? "INT8 per token, of " : "",
                           inputs.origin);
  std::cout << fmt::format(
      "design: {} ({} {} tokens x {} outputs x {} lanes, {:g} MHz, {:g} GB/s), hash {}\n", design.name,
      design.unit, result.loop.rows, result.loop.cols, result.loop.lanes, design.clock_mhz,
      design.memory.bandwidth_gb_per_s, design.hash);
  print_engines(result);
  if (result.equal()) {
    reports::Record record;
    record.title = "Layer";
    record.metrics = metrics;
    std::cout << reports::terminal(record);
    if (result.cycles) {
      std::cout << fmt::format("bound by {}\n", bound_of(design, inputs, result));
    } else {
      std::cout << "no cycles: engine golden computes bits alone; add systemc or rtl\n";
    }
  }
  for (const WaveFiles& wave : waves) std::cout << wave.text();
}

}  // namespace

int run_simulate(Arguments args) {
  const auto parsed = parse_options(args, simulate_line());
  if (!parsed) return kDone;
  const po::variables_map& options = *parsed;
  const Design design = read_design(options["design"].as<std::string>());
  const auto engines = parse_engines(options["engine"].as<std::string>());
  const LayerInputs inputs = inputs_of(options);
  SimulateRequest request{design,
                          inputs.weights,
                          {inputs.activations.bits, inputs.activations.tokens, inputs.activations.cols},
                          engines,
                          {},
                          {}};
  request.options.rtl_dir = rtl_directory(options);
  const SimulateResult result = simulate_layer(request);
  std::vector<WaveFiles> waves;
  if (options.count("waves") != 0)
    waves.push_back(layer_waves(request, result, inputs.layer, options["waves"].as<std::string>()));
  std::vector<reports::Metric> metrics;
  if (result.equal()) metrics = metrics_of(options, design, inputs, result);
  Silicon silicon;
  if (options["synth"].as<bool>()) silicon = silicon_of(design);
  metrics.insert(metrics.end(), silicon.metrics.begin(), silicon.metrics.end());
  write_record(options, simulate_record(design, inputs, result, metrics, silicon));
  if (!result.y.empty() && options.count("out") != 0) {
    const std::vector<std::size_t> shape{inputs.activations.tokens, inputs.weights.rows};
    write_npy(options["out"].as<std::string>(), shape, std::span<const float>(result.y));
  }
  const bool json = options["json"].as<bool>();
  (json ? print_json_result : print_text_result)(design, inputs, result, metrics, waves);
  if (!json && !silicon.clock.empty()) std::cout << silicon.clock << "\n";
  return result.equal() ? kDone : kDiffers;
}

}  // namespace subbyte::sim
