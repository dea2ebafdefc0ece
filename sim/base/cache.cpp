#include "sim/base/cache.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>

#include "sim/base/hash.hpp"
#include "sim/base/input_error.hpp"
#include "sim/base/output_file.hpp"

namespace subbyte::sim {
namespace fs = std::filesystem;
using Json = nlohmann::json;

std::string sealed(const std::string& key, const Json& value) {
  return Json{{"key", key}, {"checksum", content_hash(value.dump())}, {"value", value}}.dump();
}

Json unsealed(const fs::path& path, const std::string& key) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return nullptr;
  std::ifstream file(path, std::ios::binary);
  const Json entry = file ? Json::parse(file, nullptr, false) : Json();
  const auto field = [&](const char* name) { return entry.is_object() ? entry.value(name, Json()) : Json(); };
  const bool whole = field("key") == Json(key) && field("checksum") == Json(content_hash(field("value").dump()));
  return whole ? field("value") : Json();
}

namespace {

// This file says that the names of values have a version; programs of before left a folder without it.
constexpr const char* kMark = "versions";

bool holds_other_version(const fs::path& folder, const std::string& name) {
  std::error_code error;
  const bool versions = fs::exists(folder / kMark, error);
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() != ".json") continue;
    const std::string held = entry.path().stem().string();
    if (held.starts_with(name + "-") || (!versions && held.find('-') == std::string::npos)) return true;
  }
  return false;
}

}  // namespace

void JsonCache::say_if_outdated(const std::string& name) const {
  static std::mutex speaking;
  static std::set<fs::path> said;
  const std::lock_guard lock(speaking);
  if (!said.contains(folder_) && holds_other_version(folder_, name)) {
    said.insert(folder_);
    std::cerr << fmt::format("{}: what another version of this program kept there is computed again\n",
                             folder_.string());
  }
  std::error_code error;
  if (!fs::exists(folder_ / kMark, error)) try {
      write_atomically(folder_ / kMark, "The names of values end in their version.\n");
    } catch (const InputError&) {  // where nothing can be written, the value itself says so when it is kept
    }
}

Json JsonCache::get(const std::string& key, const std::function<Json()>& make,
                    const std::function<bool(const Json&)>& keep) const {
  const std::string name = content_hash(key);
  const fs::path path = folder_ / fmt::format("{}-{}.json", name, version_);
  Json value = unsealed(path, key);
  if (!value.is_null()) return value;
  if (kept_alone_) throw NotKept("nothing is kept of: " + key);
  if (!fs::exists(path)) say_if_outdated(name);
  value = make();
  if (keep && !keep(value)) return value;
  write_atomically(path, sealed(key, value));
  return value;
}

}  // namespace subbyte::sim
