#include "sim/synthesis_cache.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "sim/output_file.hpp"
#include "sim/synthesis_process.hpp"

namespace subbyte::sim {
namespace fs = std::filesystem;
using Json = nlohmann::json;

namespace {

std::string hash_of(const std::string& text) {
  const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

/// null when the entry is absent or damaged.
Json load(const fs::path& path, const std::string& key) {
  if (!fs::exists(path)) return nullptr;
  const Json entry = Json::parse(read_text(path), nullptr, false);
  if (!entry.is_object() || entry.value("key", "") != key || !entry.contains("value")) return nullptr;
  return entry.value("checksum", "") == hash_of(entry["value"].dump()) ? entry["value"] : Json(nullptr);
}

}  // namespace

Json SynthesisCache::get(const std::string& key, const std::function<Json()>& make,
                         const std::function<bool(const Json&)>& keep) const {
  const fs::path path = folder_ / (hash_of(key) + ".json");
  Json value = load(path, key);
  if (!value.is_null()) return value;
  value = make();
  if (keep && !keep(value)) return value;
  write_atomically(path, Json{{"key", key}, {"checksum", hash_of(value.dump())}, {"value", value}}.dump());
  return value;
}

fs::path synthesis_cache_folder() {
  const char* chosen = std::getenv("SUBBYTE_CACHE");
  return fs::path(chosen != nullptr && *chosen != '\0' ? chosen : SUBBYTE_BINARY_DIR) / "synth";
}

}  // namespace subbyte::sim
