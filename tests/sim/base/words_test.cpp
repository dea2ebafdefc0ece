// Tests words as values: what is read, and what is refused and how.
#include "sim/base/words.hpp"

#include <gtest/gtest.h>

#include <cstdint>

#include "sim/base/input_error.hpp"

namespace subbyte::sim {
namespace {

template <typename T>
std::string refusal(const std::string& word, Range<T> range = {}, const std::string& expected = "") {
  try {
    read_word<T>("--n", word, range, expected);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Words, NumbersAreReadWhole) {
  EXPECT_EQ(read_word<std::uint64_t>("n", "18446744073709551615"), 18446744073709551615U);
  EXPECT_EQ(read_word<std::int64_t>("n", "-9"), -9);
  EXPECT_EQ(read_word<unsigned>("n", "+7"), 7U);
  EXPECT_EQ(read_word<double>("n", "2.5e-1"), 0.25);
  EXPECT_EQ(read_word<std::string>("n", ""), "");
}

TEST(Words, WhatIsNoNumberOrOutOfRangeIsRefusedWithWhatWasExpected) {
  EXPECT_EQ(refusal<std::uint64_t>("-1"), "--n: is -1, expected a whole number of at least 0");
  EXPECT_EQ(refusal<std::uint64_t>("3x"), "--n: is 3x, expected a whole number of at least 0");
  EXPECT_EQ(refusal<std::uint64_t>(""), "--n: is '', expected a whole number of at least 0");
  EXPECT_EQ(refusal<std::int64_t>("9.0"), "--n: is 9.0, expected a whole number");
  EXPECT_EQ(refusal<double>("much"), "--n: is much, expected a number");
  EXPECT_EQ(refusal<unsigned>("4294967296"), "--n: is 4294967296, expected a whole number of at least 0");
  EXPECT_EQ(refusal<std::uint64_t>("0", {1}), "--n: is 0, expected at least 1");
  EXPECT_EQ(refusal<double>("0", {0.001, 1e6}), "--n: is 0, expected 0.001..1000000");
  EXPECT_EQ(refusal<double>("nan", {0.5, 2}), "--n: is nan, expected 0.5..2");
  EXPECT_EQ(refusal<std::uint64_t>("abc", {1}), "--n: is abc, expected a whole number of at least 1");
  EXPECT_EQ(refusal<std::uint64_t>("-3", {1}), "--n: is -3, expected at least 1");
  EXPECT_EQ(refusal<std::uint64_t>("1.5", {1}), "--n: is 1.5, expected a whole number of at least 1");
  EXPECT_EQ(refusal<unsigned>("abc", {1, 9}), "--n: is abc, expected a whole number 1..9");
  EXPECT_EQ(refusal<double>("abc", {0.5, 2}), "--n: is abc, expected a number 0.5..2");
  EXPECT_EQ(refusal<unsigned>("9", {0, 8}, "auto or 0..8"), "--n: is 9, expected auto or 0..8");
  EXPECT_EQ(refusal<unsigned>("8", {0, 8}), "no error") << "both ends are in the range";
}

TEST(Words, AValueGivesTheWordThatReadsAsIt) {
  EXPECT_EQ(word_of(std::uint64_t{200}), "200");
  EXPECT_EQ(word_of(50.0), "50");
  EXPECT_EQ(word_of(0.1), "0.1");
  EXPECT_EQ(word_of(std::string("x")), "x");
}

}  // namespace
}  // namespace subbyte::sim
