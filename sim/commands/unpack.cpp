// `subbyte unpack`: a layer of a packed file as NumPy arrays, or its layers as plain safetensors.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <nlohmann/json.hpp>

#include "quant/base/suggestion.hpp"
#include "sim/base/input_error.hpp"
#include "sim/commands/command.hpp"
#include "sim/files/npy.hpp"
#include "sim/packed/decoded_file.hpp"
#include "sim/packed/packed_file.hpp"

namespace subbyte::sim {
namespace {

using Json = nlohmann::ordered_json;
using quant::PackedTensor;

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
    Part{"codes", "int16 codes [out][in]: codes in two's complement are signed, every other code is its bits", always,
         write_codes},
    Part{"scales",
         "the stored scales as FP32 [out][groups]: u8 scales are 1..255, binary coding has [out][groups][planes]",
         always, write_scales},
    Part{"selectors", "uint8 selectors [out][groups]", has_selectors, write_selectors},
    Part{"zeros", "uint8 zero points [out][groups]", has_zeros, write_zeros},
    Part{"channel-scales", "FP32 channel scales [out]", has_channel_scales, write_channel_scales},
    Part{"tensor-scale", "the FP32 tensor scale [1]", has_tensor_scale, write_tensor_scale},
};

struct UnpackCommand {
  std::string packed;
  std::optional<std::string> out;
  std::string layer;
  std::array<std::optional<std::string>, kParts.size()> files;  ///< of kParts; "": in --out
  bool json = false;
};

constexpr const char* kNotes = R"(
An option with a FILE writes its array besides --out, which may then be left out. When one option
has no FILE, --out holds its array instead of the decoded values. A .safetensors has a tensor
"LAYER.weight" (F32) for every layer that matches, for any tool that reads safetensors.

Example: subbyte unpack fp4.safetensors --layer lm_head --out values.npy --codes codes.npy

JSON:
  {"packed","out","layers":[NAME]} of a .safetensors, else
  {"packed","layer","format","arrays":{"values"|"codes"|...:{"file","dtype","shape"}}}
)";

std::optional<UnpackCommand> read_options(Arguments args) {
  UnpackCommand command;
  Options options("unpack P --out D.safetensors|D.npy [--layer L] [--codes [FILE]] ... [--json]", command.json);
  options.value("packed FILE", command.packed, "Read this packed file (the first argument).")
      .required("a packed file")
      .without_name();
  options
      .value("out FILE", command.out,
             "Write the decoded values (FP32, [out][in]): of one layer as .npy, or of all layers as .safetensors.")
      .output();
  options.value("layer L", command.layer,
                "Take this layer, which a .npy needs when P holds several; for a .safetensors it is a shell pattern, "
                "and by default every layer is taken.");
  for (std::size_t i = 0; i < kParts.size(); ++i)
    options
        .file_or_flag(fmt::format("{} FILE", kParts[i].option), command.files[i], ".npy",
                      fmt::format("Write {}.", kParts[i].what))
        .output();
  options.notes(kNotes);
  return options.parse(args) ? std::optional(command) : std::nullopt;
}

/// Before anything is written, so that a refused command leaves no file.
void check_present(const UnpackCommand& command, const quant::Format& format) {
  for (std::size_t i = 0; i < kParts.size(); ++i) {
    if (!command.files[i] || kParts[i].present(format)) continue;
    throw InputError("", fmt::format("--{}", kParts[i].option), fmt::format("the format {} has none", format.id()));
  }
}

struct Job {
  std::string name;
  Json (*write)(const PackedTensor&, const std::string&);
  std::string path;
};

std::vector<Job> plan(const UnpackCommand& command) {
  std::vector<Job> jobs;
  std::string in_out;
  for (std::size_t i = 0; i < kParts.size(); ++i) {
    if (!command.files[i]) continue;
    const std::string option(kParts[i].option);
    if (!command.files[i]->empty()) {
      jobs.push_back({option, kParts[i].write, *command.files[i]});
      continue;
    }
    if (!command.out) throw InputError("", "--" + option, "needs a FILE, or --out to hold the array");
    if (!in_out.empty()) throw InputError("", "--" + option, "--out holds --" + in_out + " already; give a FILE");
    in_out = option;
    jobs.push_back({option, kParts[i].write, *command.out});
  }
  if (command.out && in_out.empty()) jobs.insert(jobs.begin(), {"values", write_values, *command.out});
  if (jobs.empty()) throw InputError("", "--out", "is missing, expected a .npy file to write");
  return jobs;
}

constexpr std::string_view kSafetensors = ".safetensors";

/// --out names a .safetensors file: every layer that --layer matches, decoded.
bool is_decoded_file(const UnpackCommand& command) { return command.out && command.out->ends_with(kSafetensors); }

int unpack_decoded(const UnpackCommand& command) {
  for (std::size_t i = 0; i < kParts.size(); ++i) {
    if (command.files[i])
      throw InputError("", fmt::format("--{}", kParts[i].option),
                       "goes with --out FILE.npy, not with a .safetensors of all layers");
  }
  const auto& [packed, out, asked, files, json] = command;
  const PackedFile file = PackedFile::open(packed);
  std::vector<std::string> names;
  std::vector<std::string> chosen;
  for (const PackedFile::Layer& layer : file.layers()) {
    names.push_back(layer.name);
    if (asked.empty() || shell_match(asked, layer.name)) chosen.push_back(layer.name);
  }
  if (chosen.empty())
    throw InputError(file.path(), "", fmt::format("no layer matches '{}'; {}", asked, quant::suggestion(asked, names)));
  write_decoded(*out, file, chosen);
  if (json) {
    print_json({{"packed", file.path()}, {"out", *out}, {"layers", chosen}});
  } else {
    std::cout << fmt::format("{} layers of {} -> {}\n", chosen.size(), file.path(), *out);
  }
  return kDone;
}

}  // namespace

int run_unpack(Arguments args) {
  const auto command = read_options(args);
  if (!command) return kDone;
  if (is_decoded_file(*command)) return unpack_decoded(*command);
  const std::vector<Job> jobs = plan(*command);
  const PackedFile file = PackedFile::open(command->packed);
  const PackedFile::Layer& layer = file.layer(command->layer);
  check_present(*command, layer.format);
  const PackedTensor tensor = file.load(layer.name);
  Json arrays = Json::object();
  for (const Job& job : jobs) arrays[job.name] = job.write(tensor, job.path);
  if (command->json) {
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
