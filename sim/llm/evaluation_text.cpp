#include "sim/llm/evaluation_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <span>

#include "sim/base/paths.hpp"
#include "sim/checkpoint/checkpoint.hpp"
#include "sim/files/npy.hpp"

namespace subbyte::sim {
namespace {

namespace fs = std::filesystem;
using Ids = std::vector<std::uint32_t>;

/// Collects sequences until the options' limits are reached.
class Collector {
 public:
  explicit Collector(const SequenceOptions& options) : options_(options) {}

  bool full() const {
    const bool sequences = options_.max_sequences != 0 && sequences_.size() >= options_.max_sequences;
    return sequences || (options_.max_tokens != 0 && predicted_ >= options_.max_tokens);
  }
  void add(std::span<const std::uint32_t> ids) {
    if (ids.size() < 2 || full()) return;
    sequences_.emplace_back(ids.begin(), ids.end());
    predicted_ += ids.size() - 1;
  }
  /// Cuts ids into windows of context + 1 ids. Each begins with the last id of the one before, so that every id but the
  /// first is predicted once.
  void add_stream(std::span<const std::uint32_t> ids) {
    for (std::size_t at = 0; at + 1 < ids.size() && !full(); at += options_.context) {
      add(ids.subspan(at, std::min(options_.context + 1, ids.size() - at)));
    }
  }
  std::vector<Ids> take() { return std::move(sequences_); }

 private:
  const SequenceOptions& options_;
  std::vector<Ids> sequences_;
  std::size_t predicted_ = 0;
};

/// Returns the end of the story at `begin`: a newline without another one beside it.
std::size_t story_end(std::string_view text, std::size_t begin) {
  std::size_t at = text.find('\n', begin);
  while (at != std::string_view::npos) {
    const std::size_t after = std::min(text.find_first_not_of('\n', at), text.size());
    if (after - at == 1) return at;
    at = text.find('\n', after);
  }
  return text.size();
}

/// Returns the tokens of a part of the file, which begins at this offset.
Ids tokens_of(const Tokenizer& tokenizer, const FileBytes& file, std::size_t begin, std::string_view text) {
  Ids ids;
  if (tokenizer.bos()) ids.push_back(*tokenizer.bos());
  Ids tokens;
  try {
    tokens = tokenizer.encode(text);
  } catch (const UnknownWord& unknown) {
    const std::string_view all(reinterpret_cast<const char*>(file.all().data()), file.all().size());
    throw InputError(file.name(), place_in_text(all, begin + unknown.offset), unknown.what());
  }
  ids.insert(ids.end(), tokens.begin(), tokens.end());
  return ids;
}

void read_text(const FileBytes& file, const Tokenizer& tokenizer, const SequenceOptions& options,
               Collector& collector) {
  const std::string_view text(reinterpret_cast<const char*>(file.all().data()), file.all().size());
  if (const std::size_t zero = text.find('\0'); zero != text.npos)
    file.fail(zero, "is a zero byte, expected UTF-8 text, or token ids in a .npy file");
  if (options.vocabulary != 0 && tokenizer.size() > options.vocabulary) {
    throw InputError(tokenizer.name(), "",
                     fmt::format("{} tokens, the model's vocabulary has {}", tokenizer.size(), options.vocabulary));
  }
  if (options.cut == TextCut::kStream) return collector.add_stream(tokens_of(tokenizer, file, 0, text));
  for (std::size_t begin = 0; begin < text.size() && !collector.full();) {
    const std::size_t end = story_end(text, begin);
    const std::string_view story = text.substr(begin, end - begin);
    if (story.find_first_not_of('\n') != std::string_view::npos) {
      const Ids ids = tokens_of(tokenizer, file, begin, story);
      collector.add(std::span(ids).first(std::min(options.context + 1, ids.size())));
    }
    begin = end + 1;
  }
}

using Reader = std::uint64_t (*)(const std::uint8_t*);
template <typename T>
std::uint64_t read_as(const std::uint8_t* at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  // a negative id becomes a huge one, which is refused
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(value));
}

Reader integer_reader(DataType type) {
  static constexpr std::pair<DataType, Reader> kRows[] = {
      {DataType::kU8, read_as<std::uint8_t>},   {DataType::kI8, read_as<std::int8_t>},
      {DataType::kU16, read_as<std::uint16_t>}, {DataType::kI16, read_as<std::int16_t>},
      {DataType::kU32, read_as<std::uint32_t>}, {DataType::kI32, read_as<std::int32_t>},
      {DataType::kI64, read_as<std::int64_t>}};
  const auto* const row = std::ranges::find(kRows, type, &std::pair<DataType, Reader>::first);
  return row == std::end(kRows) ? nullptr : row->second;
}

void read_array(const FileBytes& file, std::size_t vocabulary, Collector& collector) {
  const StoredTensor tensor = read_npy_header(file);
  const Reader read = integer_reader(tensor.type);
  const bool shaped = tensor.shape.size() == 1 || tensor.shape.size() == 2;
  if (read == nullptr || !shaped || tensor.column_major) {
    file.fail(10, fmt::format("an array of '{}' with the shape ({}), expected integer token ids (rows, n) in C order",
                              tensor.type_name, fmt::join(tensor.shape, ", ")));
  }
  const std::size_t cols = tensor.shape.back();
  const std::size_t rows = tensor.shape.size() == 1 ? 1 : tensor.shape[0];
  const std::size_t bytes = element_bytes(tensor.type);
  for (std::size_t row = 0; row < rows && cols > 0 && !collector.full(); ++row) {
    Ids ids(cols);
    for (std::size_t i = 0; i < cols; ++i) {
      const std::uint64_t at = tensor.offset + (row * cols + i) * bytes;
      const std::uint64_t id = read(file.all().data() + at);
      if (id >= vocabulary) {
        file.fail(at, fmt::format("token id {}, expected 0..{}", static_cast<std::int64_t>(id), vocabulary - 1));
      }
      ids[i] = static_cast<std::uint32_t>(id);
    }
    collector.add_stream(ids);
  }
}

}  // namespace

std::vector<std::vector<std::uint32_t>> read_sequences(const std::string& path, const Tokenizer* tokenizer,
                                                       const SequenceOptions& options) {
  if (options.context == 0) throw InputError("", "context", "is 0, expected at least 1 position");
  const FileBytes file = FileBytes::map(path);
  Collector collector(options);
  if (file.starts_with("\x93NUMPY")) {
    const std::size_t tokens = tokenizer != nullptr ? tokenizer->size() : std::size_t{UINT32_MAX};
    read_array(file, options.vocabulary != 0 ? options.vocabulary : tokens, collector);
  } else if (tokenizer != nullptr) {
    read_text(file, *tokenizer, options, collector);
  } else {
    throw InputError(path, "", "is text, expected a tokenizer for it (or token ids in a .npy file)");
  }
  auto sequences = collector.take();
  if (sequences.empty()) throw InputError(path, "", "nothing to predict, expected at least two tokens");
  return sequences;
}

bool holds_token_ids(const std::string& path) { return FileBytes::map(path).starts_with("\x93NUMPY"); }

void keep_predictions(std::vector<std::vector<std::uint32_t>>& sequences, std::size_t tokens) {
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    if (sequences[i].size() - 1 < tokens) {
      tokens -= sequences[i].size() - 1;
      continue;
    }
    sequences[i].resize(tokens + 1);
    sequences.resize(i + 1);
  }
}

std::string text_beside(const std::string& model_path) {
  fs::path folder = model_path == kEmbedded ? source_folder() / "configs/workloads/embedded" : fs::path(model_path);
  if (!fs::is_directory(folder)) folder = folder.parent_path();
  const fs::path text = folder / "validation.npy";
  return fs::exists(text) ? text.string() : std::string();
}

}  // namespace subbyte::sim
