// Writes std::optional as JSON, which nlohmann/json 3.11 cannot do: null stands where there is nothing.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

namespace nlohmann {

template <typename Value>
struct adl_serializer<std::optional<Value>> {
  template <typename AnyJson>
  static void to_json(AnyJson& json, const std::optional<Value>& value) {
    if (value)
      json = *value;
    else
      json = nullptr;
  }
  template <typename AnyJson>
  static void from_json(const AnyJson& json, std::optional<Value>& value) {
    if (json.is_null())
      value.reset();
    else
      value = json.template get<Value>();
  }
};

}  // namespace nlohmann
