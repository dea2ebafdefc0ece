#include "sim/llm/evaluation_text.hpp"

#include "sim/checkpoint/tokenizer_readers.hpp"
#include "sim/files/npy.hpp"
#include "tests/support/byte_files.hpp"
#include "tests/support/paths.hpp"

namespace subbyte::tests {
namespace {

using Ids = std::vector<std::uint32_t>;
using sim::read_sequences;

sim::Tokenizer letters() {
  return sim::Tokenizer(sim::read_character_vocabulary(as_file("<unk>\n<s>\n\xE2\x96\x81\na\nb\nc\n", "c.vocab")));
}

class EvaluationText : public ::testing::Test {
 protected:
  std::vector<Ids> read(const std::string& text, const sim::SequenceOptions& options) {
    write_bytes(folder_ / "t.txt", text);
    return read_sequences(folder_ / "t.txt", &tokenizer_, options);
  }
  template <typename T>
  std::string array(const std::string& descr, const std::string& shape, const std::vector<T>& values) {
    std::string header = "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }";
    header.resize(117, ' ');
    header += '\n';
    Bytes bytes;
    bytes.text(std::string_view("\x93NUMPY\x01\x00", 8)).put<std::uint16_t>(118).text(header);
    for (const T value : values) bytes.put(value);
    write_bytes(folder_ / "t.npy", bytes.data);
    return folder_ / "t.npy";
  }
  TemporaryDirectory folder_;
  sim::Tokenizer tokenizer_ = letters();
};

TEST_F(EvaluationText, StoriesEndAtASingleNewline) {
  const auto stories = read("a\n\nb\nc\n\n\na\n", {});
  // There are BOS, prefix and so on; two or three newlines are paragraphs of one story, and a newline is unknown.
  EXPECT_EQ(stories, (std::vector<Ids>{{1, 2, 3, 0, 0, 4}, {1, 2, 5, 0, 0, 0, 3}}));
  sim::SequenceOptions options;
  options.context = 3;
  EXPECT_EQ(read("abc\nb", options), (std::vector<Ids>{{1, 2, 3, 4}, {1, 2, 4}})) << "cut to context + 1 ids";
  options.max_sequences = 1;
  EXPECT_EQ(read("abc\nb", options).size(), 1U);
  options = {};
  options.max_tokens = 3;
  EXPECT_EQ(read("a\nb\nc", options).size(), 2U) << "two predicted each: the second reaches three";
}

TEST_F(EvaluationText, AStreamPredictsEveryTokenOnce) {
  sim::SequenceOptions options;
  options.cut = sim::TextCut::kStream;
  options.context = 2;
  EXPECT_EQ(read("abc\nb", options), (std::vector<Ids>{{1, 2, 3}, {3, 4, 5}, {5, 0, 4}}));
  EXPECT_EQ(read("abca", options), (std::vector<Ids>{{1, 2, 3}, {3, 4, 5}, {5, 3}})) << "a short window at the end";
  EXPECT_EQ(read("ab", options).size(), 2U);
}

TEST_F(EvaluationText, ArraysOfIds) {
  const std::vector<std::vector<std::uint32_t>> rows{{0, 1, 2}, {3, 4, 5}};
  EXPECT_EQ(read_sequences(array<std::uint8_t>("|u1", "(2, 3)", {0, 1, 2, 3, 4, 5}), nullptr, {}), rows);
  EXPECT_EQ(read_sequences(array<std::int64_t>("<i8", "(2, 3)", {0, 1, 2, 3, 4, 5}), nullptr, {}), rows);
  EXPECT_EQ(read_sequences(array<std::int32_t>("<i4", "(2, 3)", {0, 1, 2, 3, 4, 5}), nullptr, {}), rows);
  EXPECT_EQ(read_sequences(array<std::uint16_t>("<u2", "(6,)", {0, 1, 2, 3, 4, 65535}), nullptr, {}).front().back(),
            65535U);
  sim::SequenceOptions options;
  options.context = 1;
  EXPECT_EQ(read_sequences(array<std::uint8_t>("|u1", "(1, 3)", {0, 1, 2}), nullptr, options),
            (std::vector<Ids>{{0, 1}, {1, 2}}));
  options.vocabulary = 5;
  const auto failure = [&](const std::string& path) {
    return error_of([&] { read_sequences(path, nullptr, options); });
  };
  EXPECT_EQ(failure(array<std::uint8_t>("|u1", "(2, 3)", {0, 1, 2, 3, 4, 5})),
            folder_ / "t.npy" + ": offset 133: token id 5, expected 0..4");
  EXPECT_EQ(failure(array<std::int32_t>("<i4", "(2,)", {1, -1})),
            folder_ / "t.npy" + ": offset 132: token id -1, expected 0..4");
  EXPECT_NE(failure(array<float>("<f4", "(2,)", {1, 2})).find("offset 10: an array of '<f4'"), std::string::npos);
  EXPECT_NE(failure(array<std::uint8_t>("|u1", "(2, 1)", {1, 2})).find("nothing to predict"), std::string::npos);
}

TEST_F(EvaluationText, Refuses) {
  write_bytes(folder_ / "t.txt", "a");
  EXPECT_NE(error_of([&] { read_sequences(folder_ / "t.txt", nullptr, {}); }).find("expected a tokenizer"),
            std::string::npos);
  sim::SequenceOptions options;
  options.vocabulary = 4;
  EXPECT_NE(error_of([&] { read("a", options); }).find("6 tokens, the model's vocabulary has 4"), std::string::npos);
  EXPECT_NE(error_of([&] { read("\n\n", {}); }), "no error");
  EXPECT_NE(error_of([&] { read("", {}); }).find("nothing to predict"), std::string::npos);
}

TEST_F(EvaluationText, EmbeddedValidationAndSharedStories) {
  sim::SequenceOptions options;
  options.context = 128;
  options.vocabulary = 128;
  const auto rows = read_sequences(sim::text_beside("embedded"), nullptr, options);
  EXPECT_EQ(rows.size(), 128U);
  EXPECT_EQ(rows[0].size(), 129U);
  const auto models = tested_source() / "../shared/models";
  if (!std::filesystem::exists(models)) GTEST_SKIP() << "no ../shared/models beside the source; stories not read";
  const sim::Tokenizer tokenizer = sim::Tokenizer::open((models / "stories260K/tok512.bin").string());
  options = {};
  options.context = 512;
  options.max_sequences = 50;
  const auto stories = read_sequences((models / "text/tinystories_eval.txt").string(), &tokenizer, options);
  std::size_t tokens = 0;
  for (const Ids& story : stories) {
    tokens += story.size() - 1;
    const std::string text = tokenizer.decode(story);
    EXPECT_EQ(tokenizer.encode(text), Ids(story.begin() + 1, story.end())) << "decode and encode are inverse";
  }
  EXPECT_EQ(stories.size(), 50U);
  EXPECT_EQ(tokens, 16359U) << "counted by a separate program";
}

}  // namespace
}  // namespace subbyte::tests
