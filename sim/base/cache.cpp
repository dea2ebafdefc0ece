#include "sim/base/cache.hpp"

#include <nlohmann/json.hpp>

#include "sim/base/hash.hpp"
#include "sim/base/output_file.hpp"
#include "sim/base/process.hpp"

namespace subbyte::sim {
namespace fs = std::filesystem;
using Json = nlohmann::json;

namespace {

/// null when the entry is absent or damaged.
Json load(const fs::path& path, const std::string& key) {
  if (!fs::exists(path)) return nullptr;
  const Json entry = Json::parse(read_text(path), nullptr, false);
  if (!entry.is_object() || entry.value("key", "") != key || !entry.contains("value")) return nullptr;
  return entry.value("checksum", "") == content_hash(entry["value"].dump()) ? entry["value"] : Json(nullptr);
}

}  // namespace

Json JsonCache::get(const std::string& key, const std::function<Json()>& make,
                    const std::function<bool(const Json&)>& keep) const {
  const fs::path path = folder_ / (content_hash(key) + ".json");
  Json value = load(path, key);
  if (!value.is_null()) return value;
  value = make();
  if (keep && !keep(value)) return value;
  write_atomically(path, Json{{"key", key}, {"checksum", content_hash(value.dump())}, {"value", value}}.dump());
  return value;
}

}  // namespace subbyte::sim
