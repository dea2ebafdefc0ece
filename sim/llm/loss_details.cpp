#include "sim/llm/loss_details.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace subbyte::sim {
namespace {

using Json = nlohmann::ordered_json;

const std::string kFragments = "fragments", kBytes = "byte tokens";

}  // namespace

std::string LossShare::text() const {
  const std::string what = of == kFragments
                               ? fmt::format("fragments (sequences of fewer than {} predicted tokens)", kFragmentTokens)
                               : "bytes that the tokenizer has no token for";
  return fmt::format("{:.2g} % of the tokens, those of {}, carry {:.2g} % of the unquantized loss.", 100 * token_share,
                     what, 100 * loss_share);
}

std::vector<bool> byte_tokens(const Tokenizer& tokenizer) {
  const Vocabulary& vocabulary = tokenizer.vocabulary();
  std::vector<bool> bytes;
  if (vocabulary.kind != TokenizerKind::kBestScore && vocabulary.kind != TokenizerKind::kCharacters) return bytes;
  for (std::size_t id = 0; id < vocabulary.tokens.size(); ++id) {
    const std::string& token = vocabulary.tokens[id];
    bytes.push_back(vocabulary.types.empty() ? token.size() == 6 && token.starts_with("<0x") && token.ends_with('>')
                                             : vocabulary.types[id] == TokenType::kByte);
  }
  return std::ranges::find(bytes, true) == bytes.end() ? std::vector<bool>() : bytes;
}

std::vector<LossShare> loss_shares(std::span<const TokenSequence> sequences, const std::vector<bool>& bytes,
                                   std::span<const double> token_nll) {
  double all = 0, fragment_nll = 0, byte_nll = 0;
  LossShare fragments{kFragments}, byte{kBytes};
  std::size_t at = 0;
  for (const TokenSequence& sequence : sequences) {
    for (std::size_t t = 1; t < sequence.size(); ++t, ++at) {
      const double nll = token_nll[at];
      all += nll;
      if (sequence.size() - 1 < kFragmentTokens) ++fragments.tokens, fragment_nll += nll;
      if (sequence[t] < bytes.size() && bytes[sequence[t]]) ++byte.tokens, byte_nll += nll;
    }
  }
  if (at != token_nll.size()) throw std::logic_error("the losses are not those of the sequences' tokens");
  const auto finish = [&](LossShare& share, double nll) {
    share.token_share = static_cast<double>(share.tokens) / static_cast<double>(at);
    share.loss_share = all > 0 ? nll / all : 0;
  };
  finish(fragments, fragment_nll);
  finish(byte, byte_nll);
  return bytes.empty() ? std::vector{fragments} : std::vector{fragments, byte};
}

Json loss_shares_json(std::span<const LossShare> shares) {
  Json rows = Json::array();
  for (const LossShare& share : shares)
    rows.push_back({{"of", share.of},
                    {"tokens", share.tokens},
                    {"token_share", share.token_share},
                    {"loss_share", share.loss_share},
                    {"note", share.noted() ? Json(share.text()) : Json()}});
  return rows;
}

std::string loss_shares_text(const Json& shares) {
  std::string text;
  for (const Json& share : shares)
    if (!share["note"].is_null()) text += " " + share["note"].get<std::string>();
  return text;
}

reports::Table sequences_table(const Json& result) {
  const Json& tokens = result["sequence_tokens"];
  reports::Table table{"Sequences",
                       {{"sequence", "", "in the order of the text", 6},
                        {"tokens", "", "predicted", 6},
                        {"unquantized", "nats", "sum over the sequence", 9}},
                       {},
                       "The nats of a sequence are the sum over its predicted tokens."};
  for (const Json& format : result["formats"])
    table.columns.push_back({format["format"].get<std::string>(), "nats", "sum over the sequence", 9});
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    std::vector<nlohmann::json> row{i, tokens[i], result["unquantized"]["sequence_nll"][i]};
    for (const Json& format : result["formats"]) row.emplace_back(format["sequence_nll"][i]);
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace subbyte::sim
