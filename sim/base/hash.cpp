#include "sim/base/hash.hpp"

#include <fmt/format.h>
#define XXH_STATIC_LINKING_ONLY
#include <xxhash.h>

namespace subbyte::sim {
namespace {

std::string digits(XXH128_hash_t hash) { return hex(hash.high64) + hex(hash.low64); }

}  // namespace

std::string hex(std::uint64_t value) { return fmt::format("{:016x}", value); }

std::string content_hash(std::string_view text) { return digits(XXH3_128bits(text.data(), text.size())); }

std::string short_hash(std::span<const std::byte> bytes) { return hex(XXH3_64bits(bytes.data(), bytes.size())); }

std::string short_hash(std::string_view text) { return short_hash(std::as_bytes(std::span(text))); }

std::uint64_t hash_number(std::string_view text, std::uint64_t seed) {
  return XXH3_64bits_withSeed(text.data(), text.size(), seed);
}

struct ContentHash::State {
  XXH3_state_t hash;
};

ContentHash::ContentHash() : state_(std::make_unique<State>()) { XXH3_128bits_reset(&state_->hash); }

ContentHash::~ContentHash() = default;

void ContentHash::add(std::span<const std::byte> bytes) {
  XXH3_128bits_update(&state_->hash, bytes.data(), bytes.size());
}

void ContentHash::add(std::string_view text) { add(std::as_bytes(std::span(text))); }

std::string ContentHash::short_text() const { return hex(XXH3_64bits_digest(&state_->hash)); }

std::string ContentHash::text() const { return digits(XXH3_128bits_digest(&state_->hash)); }

}  // namespace subbyte::sim
