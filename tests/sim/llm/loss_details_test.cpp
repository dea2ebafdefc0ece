// What fragments and byte tokens carry of a loss, by hand.
#include "sim/llm/loss_details.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <numeric>

#include "sim/checkpoint/open_checkpoint.hpp"
#include "sim/llm/evaluation_text.hpp"
#include "tests/support/paths.hpp"

namespace subbyte::sim {
namespace {

TEST(LossDetails, FragmentsAndBytesByHand) {
  // One prediction of 9 nats in a fragment; eight of 1, 1, 1, 1, 1, 1, 1 and 4 nats in a sequence, of which the last is
  // that of token 7, a byte.
  const std::vector<TokenSequence> sequences{{0, 1}, {0, 1, 1, 1, 1, 1, 1, 1, 7}};
  const std::vector<double> nll{9, 1, 1, 1, 1, 1, 1, 1, 4};
  std::vector<bool> bytes(8, false);
  bytes[7] = true;
  const auto shares = loss_shares(sequences, bytes, nll);
  ASSERT_EQ(shares.size(), 2U);
  EXPECT_EQ(shares[0].of, "fragments");
  EXPECT_EQ(shares[0].tokens, 1U);
  EXPECT_DOUBLE_EQ(shares[0].token_share, 1.0 / 9);
  EXPECT_DOUBLE_EQ(shares[0].loss_share, 9.0 / 20);
  EXPECT_TRUE(shares[0].noted());
  EXPECT_EQ(shares[0].text(),
            "11 % of the tokens, those of fragments (sequences of fewer than 8 predicted tokens), carry 45 % of the "
            "unquantized loss.");
  EXPECT_DOUBLE_EQ(shares[1].loss_share, 4.0 / 20);
  EXPECT_FALSE(shares[1].noted()) << "1.8 times the part of the tokens";
  EXPECT_EQ(loss_shares(sequences, {}, nll).size(), 1U);
}

TEST(LossDetails, WhatIsNotedIsLargeAndOutOfProportion) {
  const auto noted = [](double tokens, double loss) { return LossShare{"fragments", 1, tokens, loss}.noted(); };
  EXPECT_TRUE(noted(0.005, 0.075));
  EXPECT_TRUE(noted(0.01, 0.02));
  EXPECT_FALSE(noted(0.001, 0.0199)) << "little of the loss";
  EXPECT_FALSE(noted(0.6, 1.0)) << "a text of fragments has no other loss";
  EXPECT_FALSE(noted(0, 0));
}

TEST(LossDetails, ByteTokensAreThoseOfTheVocabulary) {
  Vocabulary vocabulary;
  vocabulary.tokens = {"a", "<0x0A>", "<0x0b", "b"};
  vocabulary.scores = {0, 0, 0, 0};
  vocabulary.unknown = 0;
  EXPECT_EQ(byte_tokens(Tokenizer(vocabulary)), (std::vector<bool>{false, true, false, false}));
  vocabulary.types = {TokenType::kNormal, TokenType::kNormal, TokenType::kNormal, TokenType::kNormal};
  EXPECT_TRUE(byte_tokens(Tokenizer(vocabulary)).empty());
  vocabulary.types[1] = TokenType::kByte;
  EXPECT_TRUE(byte_tokens(Tokenizer(vocabulary))[1]);
}

TEST(LossDetails, LossesOfSequencesAreThoseOfTheSequencesAlone) {
  const Checkpoint model = open_checkpoint(std::string(kEmbedded));
  const LlamaForward forward(model, 2);
  auto sequences = read_sequences(tested_source().string() + "/configs/workloads/embedded/validation.npy", nullptr,
                                  {TextCut::kStories, 128, 128, 0, 0});
  sequences.resize(3);
  sequences[1].resize(5);
  EvaluateOptions options;
  options.arithmetic.threads = 2;
  const EvaluateResult all = evaluate(forward, sequences, {}, options);
  ASSERT_EQ(all.unquantized.sequences.size(), 3U);
  ASSERT_EQ(all.token_nll.size(), 128U + 4 + 128);
  EXPECT_NEAR(std::accumulate(all.token_nll.begin(), all.token_nll.end(), 0.0), all.unquantized.nll, 1e-9);
  for (std::size_t i = 0; i < 3; ++i) {
    const EvaluateResult alone = evaluate(forward, std::span(sequences).subspan(i, 1), {}, options);
    EXPECT_DOUBLE_EQ(all.unquantized.sequences[i], alone.unquantized.nll) << i;
  }
}

}  // namespace
}  // namespace subbyte::sim
