// Replays the fuzzing corpus of every reader: seeds, and inputs that once reached a new path.
#include "quant/rules/quantize.hpp"
#include "sim/checkpoint/checkpoint.hpp"
#include "sim/checkpoint/llama2c.hpp"
#include "sim/checkpoint/open_checkpoint.hpp"
#include "sim/config/format_file.hpp"
#include "sim/files/gguf.hpp"
#include "sim/files/safetensors.hpp"
#include "sim/packed/packed_file.hpp"
#include "tests/fuzz/liberty_reader_fuzz.hpp"
#include "tests/fuzz/model_shape_reader_fuzz.hpp"
#include "tests/fuzz/netlist_reader_fuzz.hpp"
#include "tests/fuzz/reader_fuzz.hpp"
#include "tests/support/byte_files.hpp"
#include "tests/support/paths.hpp"

namespace subbyte::tests {
namespace {

template <typename Open>
void replay(const std::string& reader, Open open) {
  const auto folder = tested_source() / "tests/corpus" / reader;
  std::size_t files = 0;
  std::size_t accepted = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    SCOPED_TRACE(entry.path().string());
    const std::string data = read_bytes(entry.path().string());
    // The buffer is exactly as long as the file and on the heap, so that a sanitizer sees one byte too many.
    const std::vector<std::uint8_t> bytes(data.begin(), data.end());
    EXPECT_NO_THROW(sim::read_all(bytes.data(), bytes.size(), open));
    accepted += error_of([&] { open(as_file(data, "corpus")); }) == "no error" ? 1 : 0;
    ++files;
  }
  EXPECT_GE(accepted, 1U) << "no seed is a good file any more";
  EXPECT_GT(files, accepted) << "no damaged file in the corpus";
}

TEST(Corpus, Npy) { replay("npy", sim::open_npy); }
TEST(Corpus, Safetensors) {
  replay("safetensors", [](const sim::FileBytes& file) { return sim::open_safetensors(file); });
}
TEST(Corpus, Llama2c) { replay("llama2c", sim::open_llama2c); }
TEST(Corpus, Gguf) { replay("gguf", sim::open_gguf); }
TEST(Corpus, SafetensorsIndex) {
  // No shard exists, so that a good index goes furthest: to the first shard that is missing.
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(tested_source() / "tests/corpus/safetensors_index")) {
    const std::string data = read_bytes(entry.path().string());
    EXPECT_NE(error_of([&] { sim::open_sharded_safetensors(as_file(data, "corpus")); }), "no error") << entry.path();
    ++files;
  }
  EXPECT_GE(files, 2U);
}
// A definition is no model: accepted ones quantize, and their description reads back.
TEST(Corpus, FormatFile) {
  std::size_t accepted = 0;
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(tested_source() / "tests/corpus/format_file")) {
    SCOPED_TRACE(entry.path().string());
    ++files;
    try {
      const auto format = sim::parse_format_definition(read_bytes(entry.path().string()), "corpus.yaml");
      const std::vector<float> weights{0.5F, -0.25F, 0, 3, -1e-3F, 1e-40F, 7, -8, 0.1F};
      quant::validate(quant::quantize({weights, 1, weights.size()}, format));
      EXPECT_EQ(sim::describe(sim::parse_description(sim::describe(format))), sim::describe(format));
      ++accepted;
    } catch (const sim::ConfigError&) {
      continue;
    }
  }
  EXPECT_GE(accepted, 1U);
  EXPECT_GT(files, accepted);
}
// These are texts, on the heap and no longer than they are, as above.
template <typename Read>
void replay_texts(const std::string& reader, Read read) {
  std::size_t files = 0;
  std::size_t accepted = 0;
  for (const auto& entry : std::filesystem::directory_iterator(tested_source() / "tests/corpus" / reader)) {
    SCOPED_TRACE(entry.path().string());
    const std::string data = read_bytes(entry.path().string());
    const std::vector<char> bytes(data.begin(), data.end());
    EXPECT_NO_THROW(accepted += read(std::string_view(bytes.data(), bytes.size())) ? 1 : 0);
    ++files;
  }
  EXPECT_GE(accepted, 1U) << "no seed is a good file any more";
  EXPECT_GT(files, accepted) << "no damaged file in the corpus";
}
TEST(Corpus, Liberty) { replay_texts("liberty", sim::read_any_liberty); }
TEST(Corpus, GateNetlist) { replay_texts("gate_netlist", sim::read_any_netlist); }
TEST(Corpus, HfModelShape) { replay_texts("hf_model_shape", sim::read_any_config); }
TEST(Corpus, PackedFile) { replay("packed_file", sim::PackedFile::parse); }

}  // namespace
}  // namespace subbyte::tests
