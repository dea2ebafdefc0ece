// Byte pair encoding: the adjacent pair that comes first in an order is merged, the leftmost among equals,
// until none is left. Linear memory, O(n log n).
#pragma once

#include <cstdint>
#include <optional>
#include <queue>
#include <string_view>
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

/// Merges in place. `candidate(left, right, text)` gives what two neighbours become, `text` being both, or
/// nothing. The symbols' texts are neighbours in one buffer.
template <typename Candidate>
std::vector<Symbol> merge_symbols(const std::vector<Symbol>& symbols, Candidate candidate) {
  constexpr std::uint32_t kNone = UINT32_MAX;
  struct Node {
    Symbol symbol;
    std::uint32_t previous, next;
  };
  struct Pair {
    double order;
    std::uint32_t left, right, id;
    std::size_t bytes;
    // priority_queue has the largest on top.
    bool operator<(const Pair& other) const { return order != other.order ? order > other.order : left > other.left; }
  };
  std::vector<Node> nodes;
  nodes.reserve(symbols.size());
  for (std::uint32_t i = 0; i < symbols.size(); ++i) {
    nodes.push_back({symbols[i], i == 0 ? kNone : i - 1, i + 1 == symbols.size() ? kNone : i + 1});
  }
  std::priority_queue<Pair> queue;
  const auto consider = [&](std::uint32_t left, std::uint32_t right) {
    if (left == kNone || right == kNone) return;
    const Symbol& a = nodes[left].symbol;
    const Symbol& b = nodes[right].symbol;
    const std::string_view text(a.text.data(), a.text.size() + b.text.size());
    if (const std::optional<MergedPair> pair = candidate(a, b, text))
      queue.push({pair->order, left, right, pair->id, text.size()});
  };
  for (std::uint32_t i = 1; i < nodes.size(); ++i) consider(i - 1, i);
  while (!queue.empty()) {
    const Pair pair = queue.top();
    queue.pop();
    Node& left = nodes[pair.left];
    Node& right = nodes[pair.right];
    // Symbols only grow or vanish, so equal lengths mean that both are as they were when the pair was queued.
    const bool stale = left.symbol.text.empty() || right.symbol.text.empty() ||
                       left.symbol.text.size() + right.symbol.text.size() != pair.bytes;
    if (stale) continue;
    left.symbol = {{left.symbol.text.data(), pair.bytes}, pair.id};
    right.symbol.text = {};
    left.next = right.next;
    if (left.next != kNone) nodes[left.next].previous = pair.left;
    consider(left.previous, pair.left);
    consider(pair.left, left.next);
  }
  std::vector<Symbol> merged;
  for (const Node& node : nodes) {
    if (!node.symbol.text.empty()) merged.push_back(node.symbol);
  }
  return merged;
}

}  // namespace subbyte::sim
