// Encodes by byte pairs, by score (llama2.c, SentencePiece) and by rank (GPT-2).
#include <fmt/format.h>

#include "sim/checkpoint/tokenizer.hpp"
#include "sim/checkpoint/tokenizer_merge.hpp"
#include "sim/checkpoint/tokenizer_pieces.hpp"

namespace subbyte::sim {
namespace {

std::uint64_t pair_key(std::uint32_t left, std::uint32_t right) { return std::uint64_t{left} << 32U | right; }

}  // namespace

void Tokenizer::encode_best_score(std::string_view text, std::vector<std::uint32_t>& ids) const {
  const std::string prefixed = (vocabulary_.add_space_prefix ? " " : "") + std::string(text);
  const std::string_view view(prefixed);
  std::vector<Symbol> symbols;
  for (std::size_t at = 0; at < view.size(); at += symbols.back().text.size()) {
    const std::string_view character = view.substr(at, character_bytes(view, at));
    symbols.push_back({character, find(character)});
  }
  const auto candidate = [&](const Symbol&, const Symbol&, std::string_view both) -> std::optional<MergedPair> {
    const auto id = find(both);
    if (!id) return std::nullopt;
    return MergedPair{-vocabulary_.scores[*id], *id};
  };
  for (const Symbol& symbol : merge_symbols(symbols, candidate)) {
    if (symbol.id) {
      ids.push_back(*symbol.id);
      continue;
    }
    for (const char c : symbol.text) {
      const auto byte = byte_ids_[static_cast<std::uint8_t>(c)];
      ids.push_back(byte ? *byte : *vocabulary_.unknown);
    }
  }
}

void Tokenizer::encode_byte_level(std::string_view text, std::vector<std::uint32_t>& ids) const {
  const PreTokenizer& rules = *find_pre_tokenizer(vocabulary_.pre_tokenizer);
  const auto candidate = [&](const Symbol& left, const Symbol& right, std::string_view) -> std::optional<MergedPair> {
    if (!left.id || !right.id) return std::nullopt;
    const auto merge = merges_.find(pair_key(*left.id, *right.id));
    if (merge == merges_.end()) return std::nullopt;
    return MergedPair{static_cast<double>(merge->second.rank), merge->second.id};
  };
  for (const std::string_view piece : split_words(text, rules)) {
    if (rules.whole_words) {
      std::string printable;
      for (const char c : piece) printable += printable_byte(static_cast<std::uint8_t>(c));
      if (const auto id = find(printable)) {
        ids.push_back(*id);
        continue;
      }
    }
    std::vector<Symbol> symbols;
    for (std::size_t i = 0; i < piece.size(); ++i)
      symbols.push_back({piece.substr(i, 1), byte_ids_[static_cast<std::uint8_t>(piece[i])]});
    for (const Symbol& symbol : merge_symbols(symbols, candidate))
      ids.push_back(symbol.id ? *symbol.id : *vocabulary_.unknown);
  }
}

void Tokenizer::index_merges() {
  if (find_pre_tokenizer(vocabulary_.pre_tokenizer) == nullptr) {
    throw InputError(
        name_, "pre-tokenizer",
        fmt::format("'{}' is not known, expected {}", printable(vocabulary_.pre_tokenizer), pre_tokenizer_names()));
  }
  const auto& merges = vocabulary_.merges;
  for (std::size_t rank = 0; rank < merges.size(); ++rank) {
    const std::string_view merge(merges[rank]);
    const std::size_t space = merge.find(' ', 1);
    const auto left = find(merge.substr(0, space));
    const auto right = space == std::string_view::npos ? std::nullopt : find(merge.substr(space + 1));
    const auto sum =
        left && right ? find(std::string(merge.substr(0, space)) + std::string(merge.substr(space + 1))) : std::nullopt;
    if (!sum) {
      throw InputError(name_, fmt::format("merge {}", rank),
                       fmt::format("'{}', expected two tokens whose sum is a token", printable(merge)));
    }
    merges_.try_emplace(pair_key(*left, *right), Merge{static_cast<std::uint32_t>(rank), *sum});
  }
}

}  // namespace subbyte::sim
