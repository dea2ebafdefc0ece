#include "kernels/parts/pe_array.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <type_traits>
#include <variant>
#include <vector>

#include "kernels/parts/pe_array_simd.hpp"

namespace subbyte::kernels {
namespace {

struct ScalarPes {
  std::vector<PeAlign> stage1;
  std::vector<PeState> sums;
  std::vector<PeState> results;
};
using Narrow = PePlanes<std::int32_t>;
using Wide = PePlanes<std::int64_t>;
using Pes = std::variant<ScalarPes, Narrow, Wide>;

Pes make_pes(const PeParams& params, unsigned rows, unsigned cols, PeArrayPath path) {
  if (rows == 0 || cols == 0) throw std::invalid_argument("a PE array needs at least one row and one column");
  const std::size_t count = std::size_t{rows} * cols;
  if (path == PeArrayPath::kScalar) {
    return ScalarPes{std::vector<PeAlign>(count), std::vector<PeState>(count), std::vector<PeState>(count)};
  }
  if (fits_narrow_lanes(params)) return Pes(std::in_place_type<Narrow>, params, rows, cols);
  return Pes(std::in_place_type<Wide>, params, rows, cols);
}

}  // namespace

class PeArray::Registers {
 public:
  Registers(const PeParams& p, unsigned row_count, unsigned col_count, PeArrayPath path)
      : params(p),
        rows(row_count),
        cols(col_count),
        pes(make_pes(p, row_count, col_count, path)),
        row_stage1(row_count),
        row_sum(row_count),
        row_result(row_count) {}

  void align(ScalarPes& scalar, std::span<const std::uint16_t> activations, std::span<const TermBits> terms) const {
    for (unsigned r = 0; r < rows; ++r) {
      for (unsigned c = 0; c < cols; ++c) {
        scalar.stage1[r * cols + c] = kernels::align(params, activations.subspan(r * params.lanes, params.lanes),
                                                     terms.subspan(c * params.lanes, params.lanes));
      }
    }
  }

  void accumulate(ScalarPes& scalar, bool last) const {
    for (std::size_t i = 0; i < scalar.sums.size(); ++i) {
      kernels::accumulate(params, scalar.sums[i], scalar.stage1[i]);
      if (!last) continue;
      scalar.results[i] = finished(params, scalar.sums[i]);
      scalar.sums[i] = {};
    }
  }

  template <class T>
  void align(PePlanes<T>& planes, std::span<const std::uint16_t> activations, std::span<const TermBits> terms) {
    // The terms of one weight come with the same activations, so spreading those over the columns once is enough.
    activations = activations.first(std::size_t{rows} * params.lanes);
    if (loaded.empty() || std::memcmp(activations.data(), loaded.data(), activations.size_bytes()) != 0) {
      loaded.assign(activations.begin(), activations.end());
      load_activations(planes, activations);
      const auto nonfinite = [](std::uint16_t x) { return (x & 0x7C00) == 0x7C00; };
      for (unsigned r = 0; r < rows; ++r) {
        row_stage1[r] = std::ranges::any_of(activations.subspan(r * params.lanes, params.lanes), nonfinite);
      }
    }
    load_terms(planes, terms);
    simd_align(planes);
  }

  template <class T>
  void accumulate(PePlanes<T>& planes, bool last) {
    simd_accumulate(planes);
    for (unsigned r = 0; r < rows; ++r) row_sum[r] |= row_stage1[r];
    if (!last) return;
    std::swap(planes.mantissa, planes.result);
    std::swap(planes.mantissa_exponent, planes.result_exponent);
    std::fill_n(planes.mantissa.get(), planes.stride, T{0});
    std::fill_n(planes.mantissa_exponent.get(), planes.stride, T{0});
    row_result.swap(row_sum);
    std::ranges::fill(row_sum, 0);
  }

  PeState result(const ScalarPes& scalar, unsigned row, unsigned col) const { return scalar.results[row * cols + col]; }

  template <class T>
  PeState result(const PePlanes<T>& planes, unsigned row, unsigned col) const {
    const std::size_t i = std::size_t{row} * cols + col;
    const int exponent = params.exact ? 1 : static_cast<int>(planes.result_exponent[i]);
    return finished(params, {planes.result[i], exponent, row_result[row] != 0});
  }

  PeParams params;
  unsigned rows;
  unsigned cols;
  Pes pes;
  std::vector<std::uint16_t> loaded;
  // Whether a row's beat, its group so far and its latest group saw a nonfinite activation is the same for all its PEs.
  std::vector<std::uint8_t> row_stage1, row_sum, row_result;
};

PeArray::PeArray(const PeParams& params, unsigned rows, unsigned cols, PeArrayPath path)
    : registers_(std::make_unique<Registers>(params, rows, cols, path)) {}

PeArray::~PeArray() = default;
PeArray::PeArray(PeArray&&) noexcept = default;
PeArray& PeArray::operator=(PeArray&&) noexcept = default;

void PeArray::align(std::span<const std::uint16_t> activations, std::span<const TermBits> terms) {
  std::visit([&](auto& pes) { registers_->align(pes, activations, terms); }, registers_->pes);
}

void PeArray::accumulate(bool last) {
  std::visit([&](auto& pes) { registers_->accumulate(pes, last); }, registers_->pes);
}

PeState PeArray::result(unsigned row, unsigned col) const {
  return std::visit([&](const auto& pes) { return registers_->result(pes, row, col); }, registers_->pes);
}

unsigned PeArray::rows() const { return registers_->rows; }
unsigned PeArray::cols() const { return registers_->cols; }
const PeParams& PeArray::params() const { return registers_->params; }

}  // namespace subbyte::kernels
