// Hashes of content as text, which are the keys of caches and stand in records.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace subbyte::sim {

/// Writes a number as 16 hexadecimal digits.
std::string hex(std::uint64_t value);
/// Returns the XXH3-128 hash of the text as 32 hexadecimal digits.
std::string content_hash(std::string_view text);
/// Returns the XXH3-64 hash as 16 hexadecimal digits.
std::string short_hash(std::span<const std::byte> bytes);
std::string short_hash(std::string_view text);

/// Returns the XXH3-64 hash as a number.
std::uint64_t hash_number(std::string_view text, std::uint64_t seed = 0);

/// Computes the same hashes of bytes that come in parts.
class ContentHash {
 public:
  ContentHash();
  ContentHash(const ContentHash&) = delete;
  ContentHash& operator=(const ContentHash&) = delete;
  ~ContentHash();
  void add(std::span<const std::byte> bytes);
  void add(std::string_view text);
  std::string text() const;        ///< content_hash() of all bytes so far
  std::string short_text() const;  ///< short_hash() of all bytes so far

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace subbyte::sim
