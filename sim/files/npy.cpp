#include "sim/files/npy.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <optional>

#include "sim/base/output_file.hpp"

namespace subbyte::sim {
namespace {

constexpr std::string_view kMagic{"\x93NUMPY", 6};
constexpr std::string_view kExpectedHeader =
    "expected {'descr': '<f4', 'fortran_order': False, 'shape': (rows, cols), }";

struct Header {
  std::optional<std::string> descr;
  std::optional<bool> fortran_order;
  std::optional<std::vector<std::uint64_t>> shape;
};

/// The header is a Python dictionary literal with three known keys; this reads exactly that much of Python.
class HeaderParser {
 public:
  HeaderParser(const FileBytes& file, std::uint64_t start, std::string_view text)
      : file_(file), start_(start), text_(text) {}

  Header parse() {
    Header header;
    expect('{');
    while (!accept('}')) {
      entry(header);
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip_space();
    if (at_ != text_.size()) fail("has text after the dictionary");
    if (!header.descr || !header.fortran_order || !header.shape) fail("lacks descr, fortran_order or shape");
    return header;
  }

 private:
  [[noreturn]] void fail(std::string_view problem) const {
    file_.fail(start_ + at_, fmt::format("the header {}, {}", problem, kExpectedHeader));
  }
  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }
  bool accept(char c) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) fail(fmt::format("lacks '{}'", c));
  }
  std::string quoted() {
    skip_space();
    const char quote = at_ < text_.size() ? text_[at_] : '\0';
    if (quote != '\'' && quote != '"') fail("lacks a quoted text");
    const std::size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) fail("has an unfinished text");
    std::string value(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return value;
  }
  bool boolean() {
    skip_space();
    for (const auto& [word, value] : {std::pair{std::string_view("True"), true}, {std::string_view("False"), false}}) {
      if (text_.substr(at_).starts_with(word)) {
        at_ += word.size();
        return value;
      }
    }
    fail("lacks True or False");
  }
  std::uint64_t integer() {
    skip_space();
    const std::size_t first = at_;
    std::uint64_t value = 0;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') {
      if (value > (UINT64_MAX - 9) / 10) fail("has an extent that does not fit 64 bits");
      value = value * 10 + static_cast<std::uint64_t>(text_[at_++] - '0');
    }
    if (at_ == first) fail("lacks an extent");
    return value;
  }
  std::vector<std::uint64_t> tuple() {
    std::vector<std::uint64_t> extents;
    expect('(');
    while (!accept(')')) {
      extents.push_back(integer());
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return extents;
  }
  void entry(Header& header) {
    const std::size_t key_at = at_;
    const std::string key = quoted();
    expect(':');
    const bool repeated = (key == "descr" && header.descr) || (key == "fortran_order" && header.fortran_order) ||
                          (key == "shape" && header.shape);
    if (repeated) fail("repeats a key");
    if (key == "descr") {
      header.descr = quoted();
    } else if (key == "fortran_order") {
      header.fortran_order = boolean();
    } else if (key == "shape") {
      header.shape = tuple();
    } else {
      at_ = key_at;
      fail(fmt::format("has the unknown key '{}'", printable(key)));
    }
  }

  const FileBytes& file_;
  std::uint64_t start_;
  std::string_view text_;
  std::size_t at_ = 0;
};

struct DescrRow {
  std::string_view descr;
  DataType type;
};
constexpr DescrRow kDescrs[] = {{"<f4", DataType::kF32}, {"<f2", DataType::kF16}, {"<f8", DataType::kF64},
                                {"<i2", DataType::kI16}, {"|i1", DataType::kI8},  {"|u1", DataType::kU8},
                                {"<i8", DataType::kI64}, {"<i4", DataType::kI32}, {"<u4", DataType::kU32},
                                {"<u2", DataType::kU16}};

DataType type_of(const FileBytes& file, const std::string& descr) {
  for (const DescrRow& row : kDescrs) {
    if (row.descr == descr) return row.type;
  }
  file.fail(10,
            fmt::format("the element type is '{}', expected '<f4', '<f2' or '<f8' (little-endian)", printable(descr)));
}

std::string descr_of(DataType type) {
  for (const DescrRow& row : kDescrs) {
    if (row.type == type) return std::string(row.descr);
  }
  return {};
}

template <typename T>
void write_values(const std::string& path, std::span<const std::size_t> shape, std::span<const T> values,
                  DataType type) {
  std::string extents;
  for (const std::size_t extent : shape) extents += fmt::format("{}, ", extent);
  if (shape.size() > 1) extents.resize(extents.size() - 2);
  std::string header =
      fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", descr_of(type), extents);
  // The data starts at a multiple of 64, so that it can be mapped.
  header.append(63 - (kMagic.size() + 4 + header.size()) % 64, ' ');
  header += '\n';
  OutputFile out(path);
  out.write(kMagic);
  out.write(std::string_view("\x01\x00", 2));
  const auto length = static_cast<std::uint16_t>(header.size());
  out.write({reinterpret_cast<const char*>(&length), sizeof(length)});
  out.write(header);
  out.write({reinterpret_cast<const char*>(values.data()), values.size_bytes()});
  out.commit();
}

}  // namespace

StoredTensor read_npy_header(const FileBytes& file) {
  if (!file.starts_with(kMagic)) file.fail(0, "wrong magic, expected \\x93NUMPY");
  const auto version = file.read<std::uint8_t>(6, "the format version");
  if (version < 1 || version > 3) file.fail(6, fmt::format("format version {}, expected 1, 2 or 3", version));
  const std::uint64_t start = version == 1 ? 10 : 12;
  const std::uint64_t length = version == 1 ? file.read<std::uint16_t>(8, "the header length")
                                            : file.read<std::uint32_t>(8, "the header length");
  const auto bytes = file.slice(start, length, "the header");
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const Header header = HeaderParser(file, start, text).parse();
  StoredTensor tensor;
  tensor.type = type_of(file, *header.descr);
  tensor.type_name = *header.descr;
  tensor.offset = start + length;
  const auto needed = checked_bytes(*header.shape, element_bytes(tensor.type));
  const std::uint64_t held = file.size() - tensor.offset;
  if (!needed || *needed != held) {
    file.fail(tensor.offset,
              fmt::format("{} bytes of data, expected {} for the shape ({})", held,
                          needed ? std::to_string(*needed) : "more than 2^63", fmt::join(*header.shape, ", ")));
  }
  tensor.shape.assign(header.shape->begin(), header.shape->end());
  tensor.column_major = *header.fortran_order && tensor.shape.size() == 2;
  if (*header.fortran_order && tensor.shape.size() > 2)
    file.fail(start, "Fortran order is read for two dimensions only");
  return tensor;
}

void write_npy(const std::string& path, std::span<const std::size_t> shape, std::span<const float> values) {
  write_values(path, shape, values, DataType::kF32);
}
void write_npy(const std::string& path, std::span<const std::size_t> shape, std::span<const std::int16_t> values) {
  write_values(path, shape, values, DataType::kI16);
}
void write_npy(const std::string& path, std::span<const std::size_t> shape, std::span<const std::uint8_t> values) {
  write_values(path, shape, values, DataType::kU8);
}

}  // namespace subbyte::sim
