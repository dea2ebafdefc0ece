#include "kernels/pe_array.hpp"

#include <stdexcept>
#include <vector>

namespace subbyte::kernels {

class PeArray::Registers {
 public:
  Registers(const PeParams& params, unsigned rows, unsigned cols)
      : params(params),
        rows(rows),
        cols(cols),
        stage1(rows * cols),
        sums(rows * cols),
        results(rows * cols) {}

  const PeParams params;
  const unsigned rows;
  const unsigned cols;
  std::vector<PeAlign> stage1;
  std::vector<PeState> sums;
  std::vector<PeState> results;
};

PeArray::PeArray(const PeParams& params, unsigned rows, unsigned cols, PeArrayPath)
    : registers_(std::make_unique<Registers>(params, rows, cols)) {
  if (rows == 0 || cols == 0) throw std::invalid_argument("a PE array needs at least one row and one column");
}

PeArray::~PeArray() = default;
PeArray::PeArray(PeArray&&) noexcept = default;
PeArray& PeArray::operator=(PeArray&&) noexcept = default;

void PeArray::align(std::span<const std::uint16_t> activations, std::span<const TermBits> terms) {
  Registers& r = *registers_;
  const unsigned lanes = r.params.lanes;
  for (unsigned row = 0; row < r.rows; ++row) {
    for (unsigned col = 0; col < r.cols; ++col) {
      r.stage1[row * r.cols + col] = kernels::align(r.params, activations.subspan(row * lanes, lanes),
                                                    terms.subspan(col * lanes, lanes));
    }
  }
}

void PeArray::accumulate(bool last) {
  Registers& r = *registers_;
  for (std::size_t i = 0; i < r.sums.size(); ++i) {
    kernels::accumulate(r.params, r.sums[i], r.stage1[i]);
    if (!last) continue;
    r.results[i] = finished(r.params, r.sums[i]);
    r.sums[i] = {};
  }
}

PeState PeArray::result(unsigned row, unsigned col) const {
  return registers_->results[row * registers_->cols + col];
}
unsigned PeArray::rows() const { return registers_->rows; }
unsigned PeArray::cols() const { return registers_->cols; }
const PeParams& PeArray::params() const { return registers_->params; }

}  // namespace subbyte::kernels
