// Fields of two and four bits at memory speed, for every instruction set that Highway finds; one is chosen at run time.
#include "quant/base/bit_stream_kernels.hpp"
#include "quant/base/simd_targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "quant/base/bit_stream_simd.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace subbyte::quant::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

// Vectors of one byte hold no words, so the caller does all of it.
std::size_t Unpack(std::span<const std::uint8_t>, unsigned, std::span<std::uint8_t>) { return 0; }
std::size_t Pack(std::span<const std::uint8_t>, unsigned, std::span<std::uint8_t>) { return 0; }

#else

namespace hn = hwy::HWY_NAMESPACE;
using Bytes = hn::ScalableTag<std::uint8_t>;

// Shifts are by 16 bits, which every target has, and what crosses a byte is masked away.
template <int kShift>
HWY_INLINE hn::Vec<Bytes> Field(hn::Vec<Bytes> bytes, std::uint8_t mask) {
  const Bytes d;
  const hn::Repartition<std::uint16_t, Bytes> d16;
  return hn::And(hn::BitCast(d, hn::ShiftRight<kShift>(hn::BitCast(d16, bytes))), hn::Set(d, mask));
}

template <int kShift>
HWY_INLINE hn::Vec<Bytes> Raised(hn::Vec<Bytes> fields) {
  const hn::Repartition<std::uint16_t, Bytes> d16;
  return hn::BitCast(Bytes(), hn::ShiftLeft<kShift>(hn::BitCast(d16, fields)));
}

std::size_t Unpack(std::span<const std::uint8_t> stream, unsigned width, std::span<std::uint8_t> fields) {
  const Bytes d;
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t per_byte = 8 / width;
  std::size_t done = 0;
  for (std::size_t in = 0; done + per_byte * lanes <= fields.size(); in += lanes, done += per_byte * lanes) {
    const auto bytes = hn::LoadU(d, stream.data() + in);
    if (width == 4) {
      hn::StoreInterleaved2(Field<0>(bytes, 15), Field<4>(bytes, 15), d, fields.data() + done);
    } else {
      hn::StoreInterleaved4(Field<0>(bytes, 3), Field<2>(bytes, 3), Field<4>(bytes, 3), Field<6>(bytes, 3), d,
                            fields.data() + done);
    }
  }
  return done;
}

std::size_t Pack(std::span<const std::uint8_t> fields, unsigned width, std::span<std::uint8_t> stream) {
  const Bytes d;
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t per_byte = 8 / width;
  std::size_t done = 0;
  for (std::size_t out = 0; done + per_byte * lanes <= fields.size(); out += lanes, done += per_byte * lanes) {
    hn::Vec<Bytes> a, b, c, e;
    if (width == 4) {
      hn::LoadInterleaved2(d, fields.data() + done, a, b);
      a = hn::Or(a, Raised<4>(b));
    } else {
      hn::LoadInterleaved4(d, fields.data() + done, a, b, c, e);
      a = hn::Or(hn::Or(a, Raised<2>(b)), hn::Or(Raised<4>(c), Raised<6>(e)));
    }
    hn::StoreU(a, d, stream.data() + out);
  }
  return done;
}

#endif

}  // namespace subbyte::quant::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace subbyte::quant {

HWY_EXPORT(Unpack);
HWY_EXPORT(Pack);

std::size_t unpack_whole_vectors(std::span<const std::uint8_t> stream, unsigned width, std::span<std::uint8_t> fields) {
  return HWY_DYNAMIC_DISPATCH(Unpack)(stream, width, fields);
}

std::size_t pack_whole_vectors(std::span<const std::uint8_t> fields, unsigned width, std::span<std::uint8_t> stream) {
  return HWY_DYNAMIC_DISPATCH(Pack)(fields, width, stream);
}

}  // namespace subbyte::quant
#endif
