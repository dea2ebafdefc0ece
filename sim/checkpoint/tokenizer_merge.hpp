// Byte pair encoding. The adjacent pair that comes first in an order is merged, the leftmost among equals, until none
// is left. It takes linear memory and O(n log n) time.
#pragma once

#include <cstdint>
#include <optional>
#include <queue>
#include <string_view>
#include <utility>
#include <vector>

namespace subbyte::sim {

/// A piece of the text; `id` is meaningless until it is a token.
struct Symbol {
  std::string_view text;
  std::optional<std::uint32_t> id;
};

/// What a pair would become.
struct MergedPair {
  double order;  ///< lower merges first
  std::uint32_t id;
};

/// The symbols of a text as a list, and the pairs of neighbours that may still merge.
template <typename Candidate>
class SymbolMerge {
 public:
  SymbolMerge(const std::vector<Symbol>& symbols, Candidate candidate) : candidate_(std::move(candidate)) {
    nodes_.reserve(symbols.size());
    for (std::uint32_t i = 0; i < symbols.size(); ++i)
      nodes_.push_back({symbols[i], i == 0 ? kNone : i - 1, i + 1 == symbols.size() ? kNone : i + 1});
    for (std::uint32_t i = 1; i < nodes_.size(); ++i) consider(i - 1, i);
  }

  std::vector<Symbol> run() {
    while (!queue_.empty()) {
      const Pair pair = queue_.top();
      queue_.pop();
      if (!stale(pair)) merge(pair);
    }
    std::vector<Symbol> merged;
    for (const Node& node : nodes_) {
      if (!node.symbol.text.empty()) merged.push_back(node.symbol);
    }
    return merged;
  }

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  struct Node {
    Symbol symbol;
    std::uint32_t previous, next;
  };
  struct Pair {
    double order;
    std::uint32_t left, right, id;
    std::size_t bytes;
    // A priority_queue has the largest on top.
    bool operator<(const Pair& other) const { return order != other.order ? order > other.order : left > other.left; }
  };

  void consider(std::uint32_t left, std::uint32_t right) {
    if (left == kNone || right == kNone) return;
    const Symbol& a = nodes_[left].symbol;
    const Symbol& b = nodes_[right].symbol;
    const std::string_view text(a.text.data(), a.text.size() + b.text.size());
    if (const std::optional<MergedPair> pair = candidate_(a, b, text))
      queue_.push({pair->order, left, right, pair->id, text.size()});
  }

  /// Symbols only grow or vanish, so equal lengths mean that both are as they were when the pair was queued.
  bool stale(const Pair& pair) const {
    const std::string_view left = nodes_[pair.left].symbol.text, right = nodes_[pair.right].symbol.text;
    return left.empty() || right.empty() || left.size() + right.size() != pair.bytes;
  }

  void merge(const Pair& pair) {
    Node& left = nodes_[pair.left];
    Node& right = nodes_[pair.right];
    left.symbol = {{left.symbol.text.data(), pair.bytes}, pair.id};
    right.symbol.text = {};
    left.next = right.next;
    if (left.next != kNone) nodes_[left.next].previous = pair.left;
    consider(left.previous, pair.left);
    consider(pair.left, left.next);
  }

  Candidate candidate_;
  std::vector<Node> nodes_;
  std::priority_queue<Pair> queue_;
};

/// `candidate(left, right, text)` returns what two neighbours become, where `text` is both of them together, or
/// nothing. The symbols' texts are neighbours in one buffer.
template <typename Candidate>
std::vector<Symbol> merge_symbols(const std::vector<Symbol>& symbols, Candidate candidate) {
  return SymbolMerge<Candidate>(symbols, std::move(candidate)).run();
}

}  // namespace subbyte::sim
