// The codes and scales of single ggml blocks, which are the columns `decode` and `encode` of block_types().
#pragma once

#include <cstdint>

namespace subbyte::quant {

const char* decode_q4_0(const std::uint8_t* block, std::uint8_t* codes, std::uint32_t* stored);
const char* encode_q4_0(const std::uint8_t* codes, const std::uint32_t* stored, std::uint8_t* block);
const char* decode_q8_0(const std::uint8_t* block, std::uint8_t* codes, std::uint32_t* stored);
const char* encode_q8_0(const std::uint8_t* codes, const std::uint32_t* stored, std::uint8_t* block);
const char* decode_tq1_0(const std::uint8_t* block, std::uint8_t* codes, std::uint32_t* stored);
const char* encode_tq1_0(const std::uint8_t* codes, const std::uint32_t* stored, std::uint8_t* block);
const char* decode_tq2_0(const std::uint8_t* block, std::uint8_t* codes, std::uint32_t* stored);
const char* encode_tq2_0(const std::uint8_t* codes, const std::uint32_t* stored, std::uint8_t* block);
const char* decode_stq1_0(const std::uint8_t* block, std::uint8_t* codes, std::uint32_t* stored);
const char* encode_stq1_0(const std::uint8_t* codes, const std::uint32_t* stored, std::uint8_t* block);
const char* decode_mxfp4(const std::uint8_t* block, std::uint8_t* codes, std::uint32_t* stored);
const char* encode_mxfp4(const std::uint8_t* codes, const std::uint32_t* stored, std::uint8_t* block);
const char* decode_nvfp4(const std::uint8_t* block, std::uint8_t* codes, std::uint32_t* stored);
const char* encode_nvfp4(const std::uint8_t* codes, const std::uint32_t* stored, std::uint8_t* block);

}  // namespace subbyte::quant
