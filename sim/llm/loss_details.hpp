// Where a loss comes from: each sequence's part, and whether a few odd tokens carry much of it.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "reports/record.hpp"
#include "sim/checkpoint/tokenizer.hpp"
#include "sim/llm/evaluate.hpp"

namespace subbyte::sim {

/// A sequence that predicts fewer tokens is a fragment: a title, a cut-off end, an empty story.
inline constexpr std::size_t kFragmentTokens = 8;
/// A kind of token is noted when it carries at least this part of the loss, and at least kNotedRatio times its part of
/// the tokens: the mean is then about that kind as well as about the text.
inline constexpr double kNotedLoss = 0.02, kNotedRatio = 2;

/// What a kind of predicted token carries of the unquantized model's loss.
struct LossShare {
  std::string of;  ///< "fragments" or "byte tokens"
  std::size_t tokens = 0;
  double token_share = 0, loss_share = 0;  ///< of all predicted tokens, and of their loss

  bool noted() const { return loss_share >= kNotedLoss && loss_share >= kNotedRatio * token_share; }
  /// "0.5 % of the tokens, those of fragments (...), carry 7.5 % of the loss."
  std::string text() const;
};

/// By token id, whether the tokenizer writes a single byte with it where it has no token for a text ("<0xNN>"). Empty
/// for a tokenizer without such tokens.
std::vector<bool> byte_tokens(const Tokenizer& tokenizer);

/// Of fragments, and of byte tokens where `bytes` is not empty. `token_nll` is that of evaluate(): one number for each
/// predicted token, in the sequences' order.
std::vector<LossShare> loss_shares(std::span<const TokenSequence> sequences, const std::vector<bool>& bytes,
                                   std::span<const double> token_nll);

nlohmann::ordered_json loss_shares_json(std::span<const LossShare> shares);
/// The texts of those that are noted, each with a blank before it; from loss_shares_json().
std::string loss_shares_text(const nlohmann::ordered_json& shares);

/// One row per sequence of the JSON object of `subbyte evaluate`: its tokens, and its nats in every format.
reports::Table sequences_table(const nlohmann::ordered_json& result);

}  // namespace subbyte::sim
