// `subbyte unpack`: a layer of a packed file as NumPy arrays, or its layers as plain safetensors.
#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <set>

#include "quant/base/suggestion.hpp"
#include "sim/base/input_error.hpp"
#include "sim/commands/command.hpp"
#include "sim/files/npy.hpp"
#include "sim/packed/decoded_file.hpp"
#include "sim/packed/packed_file.hpp"

namespace subbyte::sim {
namespace {

namespace po = boost::program_options;
using Json = nlohmann::ordered_json;
using quant::PackedTensor;

/// The value of an array option given as a flag: the array goes to --out.
constexpr std::string_view kInOut = "-";

/// Writes one kind of array and returns its description.
struct Part {
  std::string_view option;
  std::string_view what;
  bool (*present)(const quant::Format&);
  Json (*write)(const PackedTensor&, const std::string&);
};

template <typename T>
Json write_array(const std::string& path, std::string_view dtype, std::vector<std::size_t> shape,
                 const std::vector<T>& values) {
  write_npy(path, shape, std::span<const T>(values));
  return {{"file", path}, {"dtype", dtype}, {"shape", shape}};
}

template <typename T, typename F>
std::vector<T> per_group(const PackedTensor& tensor, F value) {
  std::vector<T> values;
  values.reserve(tensor.rows * tensor.groups());
  for (std::size_t r = 0; r < tensor.rows; ++r) {
    for (std::size_t g = 0; g < tensor.groups(); ++g) values.push_back(static_cast<T>(value(r, g)));
  }
  return values;
}

Json write_values(const PackedTensor& tensor, const std::string& path) {
  std::vector<float> values(tensor.rows * tensor.cols);
  for (std::size_t r = 0; r < tensor.rows; ++r) {
    tensor.decode_row(r, std::span(values).subspan(r * tensor.cols, tensor.cols));
  }
  return write_array(path, "float32", {tensor.rows, tensor.cols}, values);
}

/// Two's complement codes as signed values, every other kind as the raw pattern.
Json write_codes(const PackedTensor& tensor, const std::string& path) {
  const unsigned bits = tensor.format.alphabet.code_bits;
  const bool is_signed = tensor.format.alphabet.kind == quant::CodeKind::kTwosComplement;
  std::vector<std::uint8_t> row(tensor.cols);
  std::vector<std::int16_t> codes;
  codes.reserve(tensor.rows * tensor.cols);
  for (std::size_t r = 0; r < tensor.rows; ++r) {
    tensor.unpack_row(r, row);
    for (const std::uint8_t code : row) {
      const bool negative = is_signed && (code >> (bits - 1) & 1U) != 0;
      codes.push_back(static_cast<std::int16_t>(negative ? static_cast<int>(code) - (1 << bits) : code));
    }
  }
  return write_array(path, "int16", {tensor.rows, tensor.cols}, codes);
}

Json write_scales(const PackedTensor& tensor, const std::string& path) {
  const unsigned planes = tensor.format.scaling.planes;
  std::vector<float> values;
  for (std::size_t r = 0; r < tensor.rows; ++r) {
    for (std::size_t g = 0; g < tensor.groups(); ++g) {
      for (unsigned plane = 0; plane < planes; ++plane) values.push_back(tensor.scale_value(r, g, plane));
    }
  }
  std::vector<std::size_t> shape{tensor.rows, tensor.groups()};
  if (planes > 1) shape.push_back(planes);
  return write_array(path, "float32", shape, values);
}

Json write_selectors(const PackedTensor& tensor, const std::string& path) {
  const auto values =
      per_group<std::uint8_t>(tensor, [&](std::size_t r, std::size_t g) { return tensor.selector(r, g); });
  return write_array(path, "uint8", {tensor.rows, tensor.groups()}, values);
}

Json write_zeros(const PackedTensor& tensor, const std::string& path) {
  const auto values = per_group<std::uint8_t>(tensor, [&](std::size_t r, std::size_t g) { return tensor.zero(r, g); });
  return write_array(path, "uint8", {tensor.rows, tensor.groups()}, values);
}

Json write_channel_scales(const PackedTensor& tensor, const std::string& path) {
  return write_array(path, "float32", {tensor.rows}, tensor.channel_scales);
}

Json write_tensor_scale(const PackedTensor& tensor, const std::string& path) {
  return write_array(path, "float32", {1}, std::vector<float>{tensor.tensor_scale});
}

bool always(const quant::Format& /*format*/) { return true; }
bool has_selectors(const quant::Format& format) { return format.alphabet.selectors() > 1; }
bool has_zeros(const quant::Format& format) { return format.scaling.zero_point; }
bool has_channel_scales(const quant::Format& format) {
  return format.scaling.stored == quant::ScaleFormat::kU8BelowChannel;
}

bool has_tensor_scale(const quant::Format& format) { return format.scaling.tensor_scale != quant::TensorScale::kNone; }

constexpr std::array kParts{
    Part{"codes", "int16 codes [out][in]: signed, asymmetric unsigned, else the raw sign|magnitude pattern", always,
         write_codes},
    Part{"scales", "FP32 stored scales [out][groups]; u8 scales as 1..255; binary coding: [out][groups][planes]",
         always, write_scales},
    Part{"selectors", "uint8 selectors [out][groups]", has_selectors, write_selectors},
    Part{"zeros", "uint8 zero points [out][groups]", has_zeros, write_zeros},
    Part{"channel-scales", "FP32 channel scales [out]", has_channel_scales, write_channel_scales},
    Part{"tensor-scale", "FP32 tensor scale [1]", has_tensor_scale, write_tensor_scale},
};

/// Before anything is written, so that a refused command leaves no file.
void check_present(const po::variables_map& options, const quant::Format& format) {
  for (const Part& part : kParts) {
    if (options.count(std::string(part.option)) == 0 || part.present(format)) continue;
    throw InputError("", fmt::format("--{}", part.option), fmt::format("the format {} has none", format.id()));
  }
}

CommandLine unpack_line() {
  CommandLine line;
  line.usage = "unpack P --out D.safetensors|D.npy [--layer L] [--codes [FILE]] [--scales [FILE]] ... [--json]";
  line.options.add_options()                                                                //
      ("packed", po::value<std::string>()->required(), "packed file (the first argument)")  //
      ("out", po::value<std::string>(),
       "decoded FP32 values [out][in]: .npy of one layer, or .safetensors of all")  //
      ("layer", po::value<std::string>()->default_value(""),
       "layer (.npy; needed when P holds several), or shell pattern (.safetensors; default all)");
  for (const Part& part : kParts) {
    line.options.add_options()(part.option.data(), po::value<std::string>()->implicit_value(""), part.what.data());
  }
  line.positional.add("packed", 1);
  line.notes =
      "With a FILE an array is written besides --out (which is then optional); without one, as a flag, --out "
      "holds that\n"
      "array instead of the decoded values.\n"
      "A .safetensors holds \"LAYER.weight\" F32 of every layer that matches, for any tool that reads "
      "safetensors.\n"
      "Example: subbyte unpack fp4.safetensors --layer lm_head --out values.npy --codes codes.npy\n"
      "JSON: "
      "{\"packed\",\"out\",\"layers\":[NAME]} of a .safetensors, else\n"
      "      "
      "{\"packed\",\"layer\",\"format\",\"arrays\":{\"values\"|\"codes\"|...:{\"file\",\"dtype\",\"shape\"}}}"
      "\n";
  return line;
}

bool is_part(std::string_view word) {
  return word.starts_with("--") &&
         std::ranges::any_of(kParts, [&](const Part& part) { return part.option == word.substr(2); });
}

/// Gives every array option its value in one word, because Boost would take any next word for an optional
/// value: "--codes FILE" becomes "--codes=FILE" and the flag "--codes" becomes "--codes=-". The next word is
/// a FILE when it cannot be the packed file: that one is named elsewhere, or the word ends in .npy.
std::vector<std::string> join_values(Arguments args) {
  std::vector<std::string> joined;
  bool packed = std::ranges::any_of(args, [](const std::string& word) { return word.starts_with("--packed"); });
  for (std::size_t i = 0; i < args.size(); ++i) {
    joined.push_back(args[i]);
    const bool more = i + 1 < args.size() && !args[i + 1].starts_with('-');
    if (is_part(args[i])) {
      const bool file = more && (packed || args[i + 1].ends_with(".npy"));
      joined.back() += file ? "=" + args[++i] : "=" + std::string(kInOut);
    } else if ((args[i] == "--out" || args[i] == "--layer" || args[i] == "--packed") && i + 1 < args.size()) {
      joined.push_back(args[++i]);
    } else if (!args[i].starts_with('-')) {
      packed = true;
    }
  }
  return joined;
}

struct Job {
  std::string name;
  Json (*write)(const PackedTensor&, const std::string&);
  std::string path;
};

std::vector<Job> plan(const po::variables_map& options) {
  std::vector<Job> jobs;
  const std::string out = options.count("out") != 0 ? options["out"].as<std::string>() : "";
  std::string in_out;
  for (const Part& part : kParts) {
    const std::string option(part.option);
    if (options.count(option) == 0) continue;
    const std::string path = options[option].as<std::string>();
    if (path != kInOut) {
      jobs.push_back({option, part.write, path});
      continue;
    }
    if (out.empty()) throw InputError("", "--" + option, "needs a FILE, or --out to hold the array");
    if (!in_out.empty()) throw InputError("", "--" + option, "--out holds --" + in_out + " already; give a FILE");
    in_out = option;
    jobs.push_back({option, part.write, out});
  }
  if (!out.empty() && in_out.empty()) jobs.insert(jobs.begin(), {"values", write_values, out});
  if (jobs.empty()) throw InputError("", "--out", "is missing, expected a .npy file to write");
  std::set<std::string> paths;
  for (const Job& job : jobs) {
    if (!paths.insert(job.path).second) throw InputError(job.path, "", "two arrays would be written to this file");
  }
  return jobs;
}

constexpr std::string_view kSafetensors = ".safetensors";

/// --out names a .safetensors file: every layer that --layer matches, decoded.
bool is_decoded_file(const po::variables_map& options) {
  return options.count("out") != 0 && options["out"].as<std::string>().ends_with(kSafetensors);
}

int unpack_decoded(const po::variables_map& options) {
  for (const Part& part : kParts) {
    if (options.count(std::string(part.option)) != 0)
      throw InputError("", "--" + std::string(part.option),
                       "goes with --out FILE.npy, not with a .safetensors of all layers");
  }
  const auto out = options["out"].as<std::string>();
  const auto asked = options["layer"].as<std::string>();
  const PackedFile file = PackedFile::open(options["packed"].as<std::string>());
  std::vector<std::string> names;
  std::vector<std::string> chosen;
  for (const PackedFile::Layer& layer : file.layers()) {
    names.push_back(layer.name);
    if (asked.empty() || ::fnmatch(asked.c_str(), layer.name.c_str(), 0) == 0) chosen.push_back(layer.name);
  }
  if (chosen.empty())
    throw InputError(file.path(), "", fmt::format("no layer matches '{}'; {}", asked, quant::suggestion(asked, names)));
  write_decoded(out, file, chosen);
  if (options["json"].as<bool>()) {
    print_json({{"packed", file.path()}, {"out", out}, {"layers", chosen}});
  } else {
    std::cout << fmt::format("{} layers of {} -> {}\n", chosen.size(), file.path(), out);
  }
  return kDone;
}

}  // namespace

int run_unpack(Arguments args) {
  const std::vector<std::string> joined = join_values(args);
  const auto options = parse_options(joined, unpack_line());
  if (!options) return kDone;
  if (is_decoded_file(*options)) return unpack_decoded(*options);
  const std::vector<Job> jobs = plan(*options);
  const PackedFile file = PackedFile::open((*options)["packed"].as<std::string>());
  const PackedFile::Layer& layer = file.layer((*options)["layer"].as<std::string>());
  check_present(*options, layer.format);
  const PackedTensor tensor = file.load(layer.name);
  Json arrays = Json::object();
  for (const Job& job : jobs) arrays[job.name] = job.write(tensor, job.path);
  if ((*options)["json"].as<bool>()) {
    print_json({{"packed", file.path()}, {"layer", layer.name}, {"format", layer.format.id()}, {"arrays", arrays}});
    return kDone;
  }
  std::cout << fmt::format("{} of {} in {}\n", layer.name, file.path(), layer.format.id());
  for (const auto& [name, array] : arrays.items()) {
    std::cout << fmt::format("  {}: {} {} {}\n", name, array["file"].get<std::string>(),
                             array["dtype"].get<std::string>(), array["shape"].dump());
  }
  return kDone;
}

}  // namespace subbyte::sim
