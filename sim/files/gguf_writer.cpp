#include "sim/files/gguf_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <stdexcept>

namespace subbyte::sim {
namespace {

template <typename T>
void put(std::string& bytes, T value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof(T));
}

std::uint64_t padding(std::uint64_t size) {
  return (GgufWriter::kAlignment - size % GgufWriter::kAlignment) % GgufWriter::kAlignment;
}

std::string header(const GgufKeys& keys, std::span<const GgufField> fields) {
  constexpr std::uint32_t kVersion = 3;
  std::string bytes = "GGUF";
  put(bytes, kVersion);
  put<std::uint64_t>(bytes, fields.size());
  put(bytes, keys.count());
  bytes += keys.bytes();
  std::uint64_t offset = 0;
  std::set<std::string_view> names;
  for (const GgufField& field : fields) {
    if (!names.insert(field.name).second) throw std::invalid_argument("two tensors are named '" + field.name + "'");
    put<std::uint64_t>(bytes, field.name.size());
    bytes += field.name;
    put(bytes, static_cast<std::uint32_t>(field.shape.size()));
    for (std::size_t i = field.shape.size(); i-- > 0;) put<std::uint64_t>(bytes, field.shape[i]);
    put(bytes, field.type);
    put(bytes, offset);
    offset += field.bytes + padding(field.bytes);
  }
  bytes.append(padding(bytes.size()), '\0');
  return bytes;
}

std::size_t total_bytes(std::size_t header_bytes, std::span<const GgufField> fields) {
  std::uint64_t total = header_bytes;
  for (const GgufField& field : fields) total += field.bytes + padding(field.bytes);
  return total;
}

}  // namespace

void GgufKeys::begin(std::string_view key, GgufType type) {
  put_text(key);
  put(bytes_, type);
  ++count_;
}

void GgufKeys::begin_array(std::string_view key, GgufType element, std::size_t count) {
  begin(key, GgufType::kArray);
  put(bytes_, element);
  put<std::uint64_t>(bytes_, count);
}

void GgufKeys::put_text(std::string_view text) {
  put<std::uint64_t>(bytes_, text.size());
  bytes_ += text;
}

void GgufKeys::add(std::string_view key, std::uint32_t value) {
  begin(key, GgufType::kUint32);
  put(bytes_, value);
}

void GgufKeys::add(std::string_view key, float value) {
  begin(key, GgufType::kFloat32);
  put(bytes_, value);
}

void GgufKeys::add(std::string_view key, bool value) {
  begin(key, GgufType::kBool);
  put<std::uint8_t>(bytes_, value ? 1 : 0);
}

void GgufKeys::add(std::string_view key, std::string_view value) {
  begin(key, GgufType::kString);
  put_text(value);
}

void GgufKeys::add(std::string_view key, std::span<const std::string> values) {
  begin_array(key, GgufType::kString, values.size());
  for (const std::string& value : values) put_text(value);
}

void GgufKeys::add(std::string_view key, std::span<const float> values) {
  begin_array(key, GgufType::kFloat32, values.size());
  for (const float value : values) put(bytes_, value);
}

void GgufKeys::add(std::string_view key, std::span<const std::int32_t> values) {
  begin_array(key, GgufType::kInt32, values.size());
  for (const std::int32_t value : values) put(bytes_, value);
}

void GgufKeys::copy(std::span<const std::uint8_t> entry) {
  bytes_.append(reinterpret_cast<const char*>(entry.data()), entry.size());
  ++count_;
}

GgufWriter::GgufWriter(const std::string& path, const GgufKeys& keys, std::vector<GgufField> fields)
    : fields_(std::move(fields)), out_(path) {
  const std::string bytes = header(keys, fields_);
  out_.reserve(total_bytes(bytes.size(), fields_));
  out_.write(bytes);
}

void GgufWriter::finish_tensors() {
  static constexpr char kZeros[kAlignment] = {};
  while (field_ < fields_.size() && written_ == fields_[field_].bytes) {
    out_.write({kZeros, padding(written_)});
    written_ = 0;
    ++field_;
  }
}

void GgufWriter::write(std::span<const std::uint8_t> bytes) {
  finish_tensors();
  if (field_ == fields_.size() || bytes.size() > fields_[field_].bytes - written_) {
    throw std::invalid_argument(fmt::format("{} bytes too many for tensor '{}'", bytes.size(),
                                            field_ == fields_.size() ? "(none)" : fields_[field_].name));
  }
  out_.write({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  written_ += bytes.size();
}

void GgufWriter::commit() {
  finish_tensors();
  if (field_ != fields_.size()) throw std::invalid_argument("tensor '" + fields_[field_].name + "' is not complete");
  out_.commit();
}

}  // namespace subbyte::sim
