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
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return nullptr;
  const Json entry = Json::parse(read_text(path), nullptr, false);
  const auto field = [&](const char* name) { return entry.is_object() ? entry.value(name, Json()) : Json(); };
  const bool whole = field("key") == Json(key) && field("checksum") == Json(content_hash(field("value").dump()));
  return whole ? field("value") : Json();
}

}  // namespace

Json JsonCache::get(const std::string& key, const std::function<Json()>& make,
                    const std::function<bool(const Json&)>& keep) const {
  const fs::path path = folder_ / (content_hash(key) + ".json");
  Json value = load(path, key);
  if (!value.is_null()) return value;
  if (kept_alone_) throw NotKept("nothing is kept of: " + key);
  value = make();
  if (keep && !keep(value)) return value;
  write_atomically(path, Json{{"key", key}, {"checksum", content_hash(value.dump())}, {"value", value}}.dump());
  return value;
}

}  // namespace subbyte::sim
