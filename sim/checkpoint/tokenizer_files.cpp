// Reads the files that tokenizers come in.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "sim/base/paths.hpp"
#include "sim/checkpoint/checkpoint.hpp"
#include "sim/checkpoint/gguf_llama.hpp"
#include "sim/checkpoint/tokenizer_readers.hpp"
#include "sim/files/gguf.hpp"

namespace subbyte::sim {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kGguf = "GGUF";
constexpr std::string_view kBeginSpace = "\xC4\xA0";  // "Ġ": a space in GPT-2's printable alphabet

std::string_view text_of(const FileBytes& file) {
  return {reinterpret_cast<const char*>(file.all().data()), file.all().size()};
}

std::optional<std::uint32_t> id_of(const std::vector<std::string>& tokens,
                                   std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const auto found = std::ranges::find(tokens, name);
    if (found != tokens.end()) return static_cast<std::uint32_t>(found - tokens.begin());
  }
  return std::nullopt;
}

/// The token of id i + 3 must be byte i, because run.c computes the fallback in that way.
void check_llama2c_bytes(const FileBytes& file, const Vocabulary& vocabulary, std::span<const std::uint64_t> offsets) {
  if (vocabulary.tokens.size() < 259) {
    file.fail(file.size(), fmt::format("{} tokens, expected at least 259 (unknown, BOS, EOS and 256 bytes)",
                                       vocabulary.tokens.size()));
  }
  for (unsigned byte = 0; byte < 256; ++byte) {
    const std::string expected = fmt::format("<0x{:02X}>", byte);
    const std::string& token = vocabulary.tokens[byte + 3];
    if (token != expected) {
      file.fail(offsets[byte + 3],
                fmt::format("token {} is '{}', expected the byte '{}'", byte + 3, printable(token), expected));
    }
  }
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.emplace_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

/// The values must be 0..n-1, each once.
std::vector<std::string> tokens_by_id(const FileBytes& file, const nlohmann::json& object) {
  std::vector<std::string> tokens(object.size());
  std::vector<bool> seen(object.size());
  for (const auto& [token, value] : object.items()) {
    const bool fits = value.is_number_unsigned() && value.get<std::uint64_t>() < tokens.size();
    if (!fits || seen[value.get<std::size_t>()]) {
      throw InputError(file.name(), fmt::format("token '{}'", printable(token)),
                       fmt::format("{}, expected {} ids from 0 on, each once",
                                   fits ? fmt::format("its id {} is another token's too", value.get<std::size_t>())
                                        : "its value is not an id below the number of tokens",
                                   tokens.size()));
    }
    tokens[value.get<std::size_t>()] = token;
    seen[value.get<std::size_t>()] = true;
  }
  return tokens;
}

bool has_gguf_tokenizer(const std::string& model_path) {
  if (!fs::is_regular_file(model_path)) return false;
  const FileBytes file = FileBytes::map(model_path);
  return file.starts_with("GGUF") && gguf_tokenizer(read_gguf(file)).has_value();
}

}  // namespace

Vocabulary read_llama2c_vocabulary(const FileBytes& file) {
  const auto longest = file.read<std::int32_t>(0, "the longest token's length");
  if (longest <= 0) file.fail(0, fmt::format("the longest token has {} bytes, expected at least 1", longest));
  Vocabulary vocabulary;
  std::vector<std::uint64_t> offsets;
  for (std::uint64_t at = 4; at < file.size();) {
    offsets.push_back(at);
    const std::size_t id = vocabulary.tokens.size();
    vocabulary.scores.push_back(file.read<float>(at, fmt::format("the score of token {}", id)));
    const auto length = file.read<std::int32_t>(at + 4, fmt::format("the length of token {}", id));
    if (length < 0 || length > longest) {
      file.fail(at + 4, fmt::format("token {} has {} bytes, expected 0..{} (the longest token)", id, length, longest));
    }
    const auto bytes = file.slice(at + 8, static_cast<std::uint64_t>(length), fmt::format("token {}", id));
    vocabulary.tokens.emplace_back(bytes.begin(), bytes.end());
    at += 8 + bytes.size();
  }
  check_llama2c_bytes(file, vocabulary, offsets);
  vocabulary.types.assign(vocabulary.tokens.size(), TokenType::kNormal);
  std::fill_n(vocabulary.types.begin() + 3, 256, TokenType::kByte);
  vocabulary.types[0] = TokenType::kUnknown;
  vocabulary.types[1] = vocabulary.types[2] = TokenType::kControl;
  vocabulary.bos = 1;
  vocabulary.unknown = 0;
  return vocabulary;
}

Vocabulary read_character_vocabulary(const FileBytes& file) {
  Vocabulary vocabulary;
  vocabulary.kind = TokenizerKind::kCharacters;
  for (const std::string& line : lines_of(text_of(file))) {
    // The last tab is meant, as the character may be a tab itself.
    const std::size_t tab = line.rfind('\t');
    vocabulary.tokens.push_back(tab == std::string::npos ? line : line.substr(0, tab));
    if (vocabulary.tokens.back().empty()) {
      throw InputError(file.name(), fmt::format("{}:1", vocabulary.tokens.size()),
                       "an empty line, expected a character (and its score after a tab)");
    }
  }
  if (vocabulary.tokens.empty()) file.fail(0, "an empty file, expected one character per line");
  vocabulary.types.assign(vocabulary.tokens.size(), TokenType::kNormal);
  vocabulary.unknown = id_of(vocabulary.tokens, {"<unk>"}).value_or(0);
  vocabulary.bos = id_of(vocabulary.tokens, {"<s>", "<bos>"});
  for (const auto& id : {vocabulary.bos, id_of(vocabulary.tokens, {"</s>", "<eos>"})}) {
    if (id) vocabulary.types[*id] = TokenType::kControl;
  }
  return vocabulary;
}

Vocabulary read_json_vocabulary(const FileBytes& file, const std::optional<FileBytes>& merges) {
  nlohmann::json object;
  try {
    object = nlohmann::json::parse(text_of(file));
  } catch (const nlohmann::json::parse_error& error) {
    file.fail(error.byte == 0 ? 0 : error.byte - 1, "not JSON here, expected an object of tokens and ids");
  } catch (const nlohmann::json::exception& error) {  // a number is beyond any range
    file.fail(0, fmt::format("{}, expected an object of tokens and ids", error.what()));
  }
  if (!object.is_object() || object.empty()) file.fail(0, "expected an object of tokens and ids, {\"token\": 0, ...}");
  Vocabulary vocabulary;
  vocabulary.tokens = tokens_by_id(file, object);
  const bool byte_level =
      std::ranges::any_of(vocabulary.tokens, [](const std::string& token) { return token.starts_with(kBeginSpace); });
  vocabulary.kind = byte_level ? TokenizerKind::kByteLevel : TokenizerKind::kWords;
  if (!byte_level) {
    vocabulary.bos = id_of(vocabulary.tokens, {"<bos>", "<s>"});
    vocabulary.unknown = id_of(vocabulary.tokens, {"<unk>"});
    return vocabulary;
  }
  if (!merges) file.fail(0, "byte-level tokens (GPT-2), expected merges.txt beside the file");
  for (std::string& line : lines_of(text_of(*merges))) {
    if (!line.empty() && !line.starts_with("#version")) vocabulary.merges.push_back(std::move(line));
  }
  return vocabulary;
}

Tokenizer Tokenizer::open(const std::string& path) {
  const FileBytes file = FileBytes::map(path);
  if (file.starts_with("GGUF")) {
    if (auto tokenizer = gguf_tokenizer(read_gguf(file))) return *std::move(tokenizer);
    file.fail(0, "this GGUF file has no tokenizer (tokenizer.ggml.model)");
  }
  const std::string extension = fs::path(path).extension().string();
  if (extension == ".vocab") return Tokenizer(read_character_vocabulary(file), path);
  if (extension == ".json") {
    const fs::path merges = fs::path(path).parent_path() / "merges.txt";
    return Tokenizer(
        read_json_vocabulary(file, fs::exists(merges) ? std::optional(FileBytes::map(merges.string())) : std::nullopt),
        path);
  }
  return Tokenizer(read_llama2c_vocabulary(file), path);
}

std::optional<std::string> Tokenizer::beside(const std::string& model_path) {
  if (has_gguf_tokenizer(model_path)) return model_path;
  fs::path folder = model_path == kEmbedded ? source_folder() / "configs/workloads/embedded" : fs::path(model_path);
  if (fs::is_regular_file(folder)) {
    const FileBytes file = FileBytes::map(model_path);
    if (file.starts_with(kGguf) && gguf_tokenizer(read_gguf(file))) return model_path;
  }
  if (!fs::is_directory(folder)) folder = folder.has_parent_path() ? folder.parent_path() : fs::path(".");
  if (!fs::is_directory(folder)) return std::nullopt;
  std::vector<std::string> found;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    const std::string extension = entry.path().extension().string();
    const bool named = name.starts_with("tok") && (extension == ".bin" || extension == ".vocab");
    if (named || name == "vocab.json") found.push_back(entry.path().string());
  }
  std::ranges::sort(found);
  if (found.size() > 1) {
    throw InputError(folder.string(), "",
                     fmt::format("{} files could be the tokenizer ({}), expected one or --tokenizer", found.size(),
                                 fmt::join(found, ", ")));
  }
  return found.empty() ? std::nullopt : std::optional(found.front());
}

}  // namespace subbyte::sim
