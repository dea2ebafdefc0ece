#include "sim/files/npy.hpp"

#include "sim/checkpoint/checkpoint.hpp"
#include "sim/checkpoint/open_checkpoint.hpp"
#include "tests/support/byte_files.hpp"

namespace subbyte::tests {
namespace {

std::string npy(const std::string& header, const std::string& data, std::uint8_t version = 1) {
  Bytes bytes;
  bytes.text("\x93NUMPY").put(version).put(std::uint8_t{0});
  if (version == 1) {
    bytes.put(static_cast<std::uint16_t>(header.size()));
  } else {
    bytes.put(static_cast<std::uint32_t>(header.size()));
  }
  return bytes.text(header).text(data).data;
}

std::string header(const std::string& descr, const std::string& shape, const std::string& fortran = "False") {
  return "{'descr': '" + descr + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }\n";
}

std::string failure(const std::string& data) {
  return error_of([&] { sim::open_npy(as_file(data, "w.npy")); });
}

sim::Tensor load(const std::string& data) {
  const sim::Checkpoint model = sim::open_npy(as_file(data, "dir/w.npy"));
  EXPECT_EQ(model.layers().size(), 1U);
  EXPECT_EQ(model.layers()[0].name, "w");
  return model.load("w");
}

const std::vector<float> kSix{0, 1, 2, 3, 4, 5};

TEST(Npy, ReadsEveryFloatTypeAndVersion) {
  const std::string f4 = Bytes{}.floats(6).data;
  for (const std::uint8_t version : {1, 2, 3}) {
    const sim::Tensor tensor = load(npy(header("<f4", "(2, 3)"), f4, version));
    EXPECT_EQ(tensor.shape, (std::vector<std::size_t>{2, 3}));
    EXPECT_EQ(tensor.values, kSix);
  }
  Bytes f8;
  for (const float value : kSix) f8.put<double>(value);
  EXPECT_EQ(load(npy(header("<f8", "(2, 3)"), f8.data)).values, kSix);
  Bytes f2;
  for (const int bits : {0x0000, 0x3C00, 0x4000, 0x4200, 0x4400, 0x4500}) f2.put(static_cast<std::uint16_t>(bits));
  EXPECT_EQ(load(npy(header("<f2", "(2,3)"), f2.data)).values, kSix);
}

TEST(Npy, FortranOrderIsTransposed) {
  const sim::Tensor tensor = load(npy(header("<f4", "(2, 3)", "True"), Bytes{}.floats(6).data));
  EXPECT_EQ(tensor.shape, (std::vector<std::size_t>{2, 3}));
  EXPECT_EQ(tensor.values, (std::vector<float>{0, 2, 4, 1, 3, 5}));
}

TEST(Npy, WrittenFilesAreReadBack) {
  const TemporaryDirectory directory;
  const std::vector<std::size_t> shape{2, 3};
  sim::write_npy(directory / "a.npy", shape, std::span<const float>(kSix));
  EXPECT_EQ(sim::open_checkpoint(directory / "a.npy").load("a").values, kSix);
  const std::string bytes = read_bytes(directory / "a.npy");
  EXPECT_EQ(bytes.substr(0, 10), std::string("\x93NUMPY\x01\x00\x76\x00", 10));
  EXPECT_EQ(bytes.size(), 128U + 24U);
  EXPECT_EQ(bytes.substr(10, 56), "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)");
  const std::vector<std::uint8_t> small{1, 2, 255};
  sim::write_npy(directory / "b.npy", std::vector<std::size_t>{3}, std::span<const std::uint8_t>(small));
  EXPECT_NE(read_bytes(directory / "b.npy").find("'|u1', 'fortran_order': False, 'shape': (3, ), }"),
            std::string::npos);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory.path()), {}), 2) << "a temporary file is left";
}

TEST(Npy, RefusesDamage) {
  const std::string data = Bytes{}.floats(6).data;
  const std::string good = npy(header("<f4", "(2, 3)"), data);
  const std::string start = std::to_string(good.size() - 24);
  EXPECT_EQ(failure(""), "w.npy: offset 0: wrong magic, expected \\x93NUMPY");
  EXPECT_EQ(failure("\x93NUMPX" + good.substr(6)), "w.npy: offset 0: wrong magic, expected \\x93NUMPY");
  EXPECT_EQ(failure(npy(header("<f4", "(2, 3)"), data, 9)), "w.npy: offset 6: format version 9, expected 1, 2 or 3");
  EXPECT_EQ(failure(good.substr(0, 40)), "w.npy: offset 10: truncated: the header needs 60 bytes, 30 are left");
  EXPECT_EQ(failure(good.substr(0, good.size() - 1)),
            "w.npy: offset " + start + ": 23 bytes of data, expected 24 for the shape (2, 3)");
  EXPECT_EQ(failure(good + "x"), "w.npy: offset " + start + ": 25 bytes of data, expected 24 for the shape (2, 3)");
  EXPECT_NE(failure(npy(header("<f4", "(4294967296, 4294967296)"), data)).find("expected more than 2^63 for the shape"),
            std::string::npos);
  EXPECT_NE(failure(npy(header("<f4", "(99999999999999999999, 1)"), data)).find("does not fit 64 bits"),
            std::string::npos);
  EXPECT_NE(failure(npy(header("<f4", "(6,)"), data)).find("the shape is (6), expected two positive extents"),
            std::string::npos);
  EXPECT_NE(failure(npy(header("<f4", "(0, 3)"), "")).find("expected two positive extents"), std::string::npos);
  EXPECT_NE(failure(npy(header(">f4", "(2, 3)"), data)).find("the element type is '>f4', expected '<f4'"),
            std::string::npos);
  EXPECT_NE(failure(npy(header("<i2", "(3, 4)"), data)).find("the element type is '<i2', expected '<f4'"),
            std::string::npos);
}

TEST(Npy, RefusesBadHeaders) {
  for (const std::string text :
       {"", "{", "{}", "{'descr': '<f4'}", "{'descr': '<f4', 'descr': '<f4'}", "{'other': 1}", "{'descr': '<f4",
        "{'shape': (1, }", "{'fortran_order': maybe}", "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1)} x"}) {
    EXPECT_NE(failure(npy(text, "")).find("the header "), std::string::npos) << text << ": " << failure(npy(text, ""));
  }
}

TEST(Npy, RefusesValuesThatAreNotFinite) {
  Bytes bytes;
  bytes.floats(4).put(std::numeric_limits<float>::quiet_NaN()).put(1.0F);
  const std::string file = npy(header("<f4", "(2, 3)"), bytes.data);
  EXPECT_EQ(error_of([&] { load(file); }),
            "dir/w.npy: offset " + std::to_string(file.size() - 8) +
                ": tensor 'w': row 1, column 1 is not a finite FP32 number, expected finite values");
  Bytes wide;
  wide.put(1e300).put(1.0);
  EXPECT_NE(
      error_of([&] { load(npy(header("<f8", "(1, 2)"), wide.data)); }).find("row 0, column 0 is not a finite FP32"),
      std::string::npos);
}

}  // namespace
}  // namespace subbyte::tests
