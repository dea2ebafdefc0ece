#include "sim/checkpoint/tokenizer.hpp"

#include <cmath>

#include "sim/checkpoint/tokenizer_pieces.hpp"
#include "sim/checkpoint/tokenizer_readers.hpp"
#include "sim/files/npy.hpp"
#include "tests/support/byte_files.hpp"
#include "tests/support/paths.hpp"

namespace subbyte::tests {
namespace {

using Ids = std::vector<std::uint32_t>;
using sim::Tokenizer;

std::filesystem::path shared(const std::string& name) { return tested_source() / "../shared/models" / name; }

/// Makes 259 obligatory tokens, and then `more` with falling scores.
std::string llama2c(const std::vector<std::pair<std::string, float>>& more) {
  Bytes bytes;
  bytes.put<std::int32_t>(7);
  const auto add = [&](const std::string& token, float score) {
    bytes.put(score).put(static_cast<std::int32_t>(token.size())).text(token);
  };
  for (const char* token : {"<unk>", "\n<s>\n", "\n</s>\n"}) add(token, 0);
  for (int byte = 0; byte < 256; ++byte) {
    char text[8];
    std::snprintf(text, sizeof(text), "<0x%02X>", byte);
    add(text, 0);
  }
  for (const auto& [token, score] : more) add(token, score);
  return bytes.data;
}

Tokenizer small(const std::vector<std::pair<std::string, float>>& more) {
  return Tokenizer(sim::read_llama2c_vocabulary(as_file(llama2c(more), "t.bin")), "t.bin");
}

TEST(Tokenizer, MergesTheBestScoreFirstAndTheLeftmostAmongEquals) {
  // The tokens are 259 ' ', 260 a, 261 b, 262 ab, 263 ba, 264 aba and 265 aa.
  const Tokenizer t = small({{" ", -9}, {"a", -9}, {"b", -9}, {"ab", -2}, {"ba", -1}, {"aba", -5}, {"aa", -3}});
  EXPECT_EQ(t.encode("aba"), (Ids{259, 264})) << "ba first, then a + ba";
  EXPECT_EQ(t.encode("abab"), (Ids{259, 264, 261})) << "ba wins over both ab, then a + ba";
  EXPECT_EQ(t.encode("aaa"), (Ids{259, 265, 260})) << "leftmost";
  EXPECT_EQ(t.encode(""), Ids{});
  EXPECT_EQ(t.bos(), 1U);
}

TEST(Tokenizer, WhatTheVocabularyLacksBecomesBytes) {
  const Tokenizer t = small({{" ", -9}, {"a", -9}});
  EXPECT_EQ(t.encode("a\n\xC3\xA9"), (Ids{259, 260, 13, 0xC3 + 3, 0xA9 + 3}));
  const std::string broken = "a\xFF\xC3 \x80\x80\x80\x80\x80\xF0\x9F";
  EXPECT_EQ(t.decode(t.encode(broken)), broken) << "not UTF-8: byte for byte";
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  EXPECT_EQ(t.decode(t.encode(all)), all);
  EXPECT_EQ(t.decode(Ids{1, 259, 260, 1, 259, 260}), "aa") << "BOS is nothing and takes the prefix after it away";
  EXPECT_EQ(error_of([&] { t.decode(Ids{260, 261}); }), "t.bin: position 1: id 261, expected one of 261 tokens");
}

TEST(Tokenizer, RefusesDamage) {
  const std::string good = llama2c({{" ", -1}, {"ab", -2}});
  const auto failure = [](const std::string& data) {
    return error_of([&] { sim::read_llama2c_vocabulary(as_file(data, "t.bin")); });
  };
  const std::string at = std::to_string(good.size() - 10);
  EXPECT_EQ(failure(good), "no error");
  EXPECT_EQ(failure(good.substr(0, good.size() - 1)),
            "t.bin: offset " + std::to_string(good.size() - 2) + ": truncated: token 260 needs 2 bytes, 1 are left");
  EXPECT_EQ(failure(good.substr(0, good.size() - 7)),
            "t.bin: offset " + std::to_string(good.size() - 10) +
                ": truncated: the score of token 260 needs 4 bytes, 3 are left");
  std::string longer = good;
  longer[0] = 1;
  EXPECT_EQ(failure(longer), "t.bin: offset 8: token 0 has 5 bytes, expected 0..1 (the longest token)");
  std::string negative = good;
  negative[11] = '\xFF';
  EXPECT_NE(failure(negative).find("offset 8: token 0 has -"), std::string::npos);
  std::string swapped = good;
  swapped[4 + 13 + 13 + 14 + 8 + 3] = '7';
  EXPECT_EQ(failure(swapped), "t.bin: offset 44: token 3 is '<0x70>', expected the byte '<0x00>'");
  EXPECT_NE(failure(good.substr(0, 44)).find("3 tokens, expected at least 259"), std::string::npos);
  for (std::size_t size = 0; size < 44; ++size) EXPECT_NE(failure(good.substr(0, size)), "no error") << size;
  EXPECT_NE(error_of([] {
              small({{"a", NAN}});
            }).find("token 259: the score is not a finite number"),
            std::string::npos);
}

TEST(Tokenizer, Llama2cVectors) {
  // These are from a separate program: the merge loop of run.c written out in Python, which is quadratic.
  const auto path = shared("stories260K/tok512.bin");
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no ../shared/models beside the source; tok512.bin not read";
  const Tokenizer t = Tokenizer::open(path.string());
  ASSERT_EQ(t.size(), 512U);
  EXPECT_EQ(t.encode("One day, a little girl named Lily found a needle in her room."),
            (Ids{385, 328, 432, 261, 376, 298, 315, 421, 395, 317, 272, 277,
                 264, 261, 404, 266, 305, 322, 311, 352, 414, 287, 426}));
  EXPECT_EQ(t.encode("  two  spaces"), (Ids{410, 410, 259, 424, 414, 410, 262, 427, 412, 331, 419}));
  EXPECT_EQ(t.encode("Lily's caf\xC3\xA9 \xE2\x80\x93 3 dogs!"),
            (Ids{317, 439, 419, 280, 412, 431, 485, 410, 476, 410, 472, 400, 428, 419, 443}));
  EXPECT_EQ(t.encode("Tom\n\nsaid \"no\""), (Ids{274, 287, 13, 13, 419, 412, 292, 313, 416, 414, 436}));
  EXPECT_EQ(t.encode("<s>"), (Ids{410, 504, 419, 505})) << "text is never a control token";
  EXPECT_EQ(t.encode("\xE6\x97\xA5"), (Ids{410, 233, 154, 168}));
}

TEST(Tokenizer, GgufLlamaUsesItsTypesAndFlags) {
  sim::Vocabulary v;
  v.tokens = {"<unk>",
              "<s>",
              "<0x41>",
              "\xE2\x96\x81",
              "b",
              "\xE2\x96\x81"
              "b",
              "<0x42>"};
  v.scores = {0, 0, 0, -1, -2, -3, -9};
  using enum sim::TokenType;
  v.types = {kUnknown, kControl, kByte, kNormal, kNormal, kNormal, kUserDefined};
  v.bos = 1;
  v.unknown = 0;
  EXPECT_EQ(Tokenizer(v).encode("bA C"), (Ids{5, 2, 3, 0})) << "no byte token for C: unknown";
  EXPECT_EQ(Tokenizer(v).decode(Ids{1, 5, 2, 3, 0, 6}), "bA \xE2\x81\x87<0x42>");
  v.add_space_prefix = false;
  EXPECT_EQ(Tokenizer(v).encode("b b"), (Ids{4, 5}));
  EXPECT_EQ(Tokenizer(v).decode(Ids{5}), " b") << "no prefix was added, none is taken away";
  v.unknown.reset();
  EXPECT_EQ(error_of([&] { Tokenizer{v}; }),
            "tokenizer: tokens: no token for the byte 0x00, expected all 256 bytes or an unknown token");
  v.scores.pop_back();
  EXPECT_EQ(error_of([&] { Tokenizer{v}; }), "tokenizer: scores: 6 for 7 tokens, expected one per token");
}

/// Makes all bytes, and then `more`, with merges in the given order.
sim::Vocabulary byte_level(const std::vector<std::string>& more, const std::vector<std::string>& merges) {
  sim::Vocabulary v;
  v.kind = sim::TokenizerKind::kByteLevel;
  for (int byte = 0; byte < 256; ++byte) v.tokens.push_back(sim::printable_byte(static_cast<std::uint8_t>(byte)));
  v.tokens.insert(v.tokens.end(), more.begin(), more.end());
  v.merges = merges;
  return v;
}

TEST(Tokenizer, ByteLevelMergesByRankWithinWords) {
  // The tokens are 256 th, 257 the, 258 Gthe and 259 he.
  const auto v = byte_level({"th", "the", "\xC4\xA0the", "he"}, {"t h", "th e", "\xC4\xA0 the", "h e"});
  const Tokenizer t(v, "gpt2");
  EXPECT_EQ(t.encode("the the"), (Ids{257, 258}));
  EXPECT_EQ(t.encode("he"), (Ids{259}));
  EXPECT_EQ(t.encode("t he"), (Ids{'t', ' ', 259})) << "merges stay inside a word, and a space takes no h";
  const std::string any("a\0\xFF\xC4 the\n\n end", 14);
  EXPECT_EQ(t.decode(t.encode(any)), any);
  EXPECT_EQ(t.bos(), std::nullopt);
  auto bad = v;
  bad.merges.push_back("t e");
  EXPECT_EQ(error_of([&] { Tokenizer(bad, "g"); }), "g: merge 4: 't e', expected two tokens whose sum is a token");
  bad = v;
  bad.pre_tokenizer = "deepseek-llm";
  EXPECT_EQ(error_of([&] { Tokenizer(bad, "g"); }),
            "g: pre-tokenizer: 'deepseek-llm' is not known, expected gpt-2, llama-bpe, qwen2 or smollm");
  bad = v;
  bad.tokens[7] = "x7";
  EXPECT_NE(error_of([&] { Tokenizer(bad, "g"); }).find("no token for the byte 0x07"), std::string::npos);
}

TEST(Tokenizer, PrintableBytesAreGpt2s) {
  EXPECT_EQ(sim::printable_byte('A'), "A");
  EXPECT_EQ(sim::printable_byte(' '), "\xC4\xA0");
  EXPECT_EQ(sim::printable_byte('\n'), "\xC4\x8A");
  EXPECT_EQ(sim::printable_byte(0xAD), "\xC5\x83") << "the last of the 68 that do not print: U+0143";
  EXPECT_EQ(sim::printable_byte(0xFF), "\xC3\xBF");
}

struct Split {
  std::string rules;
  std::string text;
  std::vector<std::string> pieces;
};

TEST(Tokenizer, SplitsAsTheRegularExpressions) {
  const Split cases[] = {
      {"gpt-2",
       "I'm 12 years,  don't\n\n go ",
       {"I", "'m", " 12", " years", ",", " ", " don", "'t", "\n\n", " go", " "}},
      {"gpt-2", "WE'LL caf\xC3\xA9s_x \xC2\xBD", {"WE", "'", "LL", " caf\xC3\xA9s", "_", "x", " \xC2\xBD"}},
      {"gpt-2",
       "a\t\tb\xC2\xA0"
       "c",
       {"a", "\t", "\t", "b", "\xC2\xA0", "c"}},
      {"gpt-2", "x   ", {"x", "   "}},
      {"llama-bpe",
       "WE'LL 12345, ok.\n\n  \n  next",
       {"WE", "'LL", " ", "123", "45", ",", " ok", ".\n\n", "  \n", " ", " next"}},
      {"llama-bpe", "\tif(x)", {"\tif", "(x", ")"}},
      {"qwen2", "a 12", {"a", " ", "1", "2"}},
      {"smollm", "a 12 's", {"a", " ", "1", "2", " '", "s"}},
  };
  for (const Split& test : cases) {
    const auto pieces = sim::split_words(test.text, *sim::find_pre_tokenizer(test.rules));
    EXPECT_EQ(std::vector<std::string>(pieces.begin(), pieces.end()), test.pieces) << test.rules << ": " << test.text;
  }
}

TEST(Tokenizer, CharactersByLine) {
  const Tokenizer t(sim::read_character_vocabulary(
      as_file("<unk>\t0\n<s>\t0\n\xE2\x96\x81\t-0\na\t-1\n\xC3\xA9\t-2\n\t\t-3\n", "c.vocab")));
  EXPECT_EQ(t.bos(), 1U);
  EXPECT_EQ(t.encode("a \xC3\xA9\n\tZ"), (Ids{2, 3, 2, 4, 0, 5, 0}));
  EXPECT_EQ(t.decode(Ids{1, 2, 3, 2, 4}), "a \xC3\xA9");
  EXPECT_EQ(error_of([] { sim::read_character_vocabulary(as_file("a\n\nb\n", "c.vocab")); }),
            "c.vocab: 2:1: an empty line, expected a character (and its score after a tab)");
}

TEST(Tokenizer, Words) {
  const Tokenizer t(sim::read_json_vocabulary(as_file(R"({"<bos>":0,".":1,"the":2,"dog":3,",":4})", "v.json"), {}),
                    "v.json");
  EXPECT_EQ(t.encode("the dog, the dog ."), (Ids{2, 3, 4, 2, 3, 1}));
  EXPECT_EQ(t.decode(Ids{0, 2, 3, 1}), "the dog .");
  EXPECT_EQ(error_of([&] { t.encode("the cat"); }),
            "the word 'cat' is not among the 5 words of v.json, expected a text of these words");
  const auto failure = [](const std::string& json) {
    return error_of([&] { sim::read_json_vocabulary(as_file(json, "v.json"), {}); });
  };
  EXPECT_EQ(failure(R"({"a":0,"b":2})"),
            "v.json: token 'b': its value is not an id below the number of tokens, expected 2 ids from 0 on, "
            "each once");
  EXPECT_EQ(failure(R"({"a":0,"b":0})"),
            "v.json: token 'b': its id 0 is another token's too, expected 2 ids from 0 on, each once");
  EXPECT_EQ(failure(R"({"a":0,)"), "v.json: offset 7: not JSON here, expected an object of tokens and ids");
  EXPECT_EQ(failure("{\"\xC4\xA0"
                    "a\":0}"),
            "v.json: offset 0: byte-level tokens (GPT-2), expected merges.txt beside the file");
}

TEST(Tokenizer, OfAGgufFile) {
  Bytes bytes;
  bytes.text("GGUF").put<std::uint32_t>(3).put<std::uint64_t>(0).put<std::uint64_t>(5);
  constexpr std::uint32_t kText = 8, kArray = 9, kInt32 = 5, kFloat32 = 6, kUint32 = 4;
  bytes.counted("tokenizer.ggml.model").put(kText).counted("llama");
  bytes.counted("tokenizer.ggml.tokens").put(kArray).put(kText).put<std::uint64_t>(4);
  bytes.counted("<unk>").counted("<s>").counted("\xE2\x96\x81").counted("a");
  bytes.counted("tokenizer.ggml.scores").put(kArray).put(kFloat32).put<std::uint64_t>(4).floats(4);
  bytes.counted("tokenizer.ggml.token_type").put(kArray).put(kInt32).put<std::uint64_t>(4);
  for (const int type : {2, 3, 1, 1}) bytes.put<std::int32_t>(type);
  bytes.counted("tokenizer.ggml.unknown_token_id").put(kUint32).put<std::uint32_t>(0);
  TemporaryDirectory folder;
  const std::string path = folder / "m.gguf";
  write_bytes(path, bytes.align(32).data);
  EXPECT_EQ(Tokenizer::beside(path), path);
  EXPECT_EQ(Tokenizer::open(path).encode("a b"), (Ids{2, 3, 2, 0}));
}

TEST(Tokenizer, FindsTheModelsOwn) {
  const auto embedded = Tokenizer::beside("embedded");
  ASSERT_TRUE(embedded);
  EXPECT_EQ(Tokenizer::open(*embedded).size(), 128U);
  TemporaryDirectory folder;
  EXPECT_EQ(Tokenizer::beside(folder / "m.bin"), std::nullopt);
  write_bytes(folder / "tok512.bin", llama2c({{" ", -1}}));
  EXPECT_EQ(Tokenizer::beside(folder / "m.bin"), folder / "tok512.bin");
  EXPECT_EQ(Tokenizer::open(folder / "tok512.bin").size(), 260U);
  write_bytes(folder / "tok3.vocab", "a\nb\n");
  EXPECT_NE(error_of([&] { Tokenizer::beside(folder / "m.bin"); }).find("2 files could be the tokenizer"),
            std::string::npos);
}

}  // namespace
}  // namespace subbyte::tests
