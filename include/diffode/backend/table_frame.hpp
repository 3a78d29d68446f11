// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/backend/step_table.hpp"

#include <cstddef>

namespace diffode {

/// What stays when the table of another plan comes in the place of a first one: where its parts lie in one piece of memory,
/// and what the kernel was chosen by.
///
/// Shapes  from its start: `before` bytes of the caller's, the label of an evaluation (one F for each lane), steps,
///         coefficients, labels; each part at a multiple of 256 bytes
template <class F>
class table_frame {
 public:
  struct part {
    std::size_t at = 0, bytes = 0;
  };

  table_frame() = default;
  table_frame(const step_table<F>& first, std::size_t before)
      : calls_(first.calls()), per_call_(first.per_call()), labels_each_(first.labels_each()), lanes_(first.shape().lanes), group_(first.group()), rows_(first.rows()),
        is_various_(first.is_various()) {
    bytes_ = whole(before);
    label_ = add(lanes_.count * sizeof(F));
    steps_ = add(first.steps().size_bytes());
    coefficients_ = add(first.coefficients().size_bytes());
    labels_ = add(first.labels().size_bytes());
  }

  const part& label() const { return label_; }
  const part& steps() const { return steps_; }
  const part& coefficients() const { return coefficients_; }
  const part& labels() const { return labels_; }
  std::size_t bytes() const { return bytes_; }
  unsigned group() const { return group_; }
  unsigned rows() const { return rows_; }
  bool is_various() const { return is_various_; }

  /// Nothing, or why another table can not come into these places, for the kernels and models that serve the first.
  fault check(const step_table<F>& t) const {
    using detail::refuse;
    if (t.per_call() != per_call_ || t.group() != group_ || t.rows() > rows_ || (t.is_various() && !is_various_) || t.shape().lanes != lanes_)
      return refuse(errc::bad_call, "graph_run: the other plan has ", t.per_call(), " combines for an evaluation, with up to ", t.rows(), " outputs, needs the kernel of the first: ", per_call_,
                    ", with up to ", rows_, ", the same lanes and element types, and noise only where that one had it");
    // A captured model reads as many labels as there were.
    if (t.labels_each() != labels_each_)
      return refuse(errc::bad_call, "graph_run: the other plan has ", t.labels_each(), " labels for an evaluation, needs ", labels_each_, ", as the first has");
    // So steps and labels are no more than the first had. Coefficients may be: methods and orders have different numbers of terms.
    if (t.calls() > calls_) return refuse(errc::bad_call, "graph_run: the other plan has ", t.calls(), " evaluations, needs at most ", calls_, ", those of the first");
    if (t.coefficients().size_bytes() > coefficients_.bytes)
      return refuse(errc::bad_call, "graph_run: the other plan has ", t.coefficients().size(), " coefficients, needs at most ", coefficients_.bytes / sizeof(F), ", those of the first");
    return {};
  }
  /// Nothing, or why moments of so many lanes decide nothing here.
  fault check_measured(const lane_map& measured) const {
    if (measured.count != lanes_.count)
      return detail::refuse(errc::bad_shape, "graph_run: decide measures ", measured.count, " lanes, needs ", lanes_.count, ", the lanes of the plan");
    return {};
  }

 private:
  static std::size_t whole(std::size_t bytes) { return (bytes + 255) / 256 * 256; }
  part add(std::size_t bytes) {
    const part p{bytes_, bytes};
    bytes_ += whole(bytes);
    return p;
  }

  std::size_t calls_ = 0, per_call_ = 1, labels_each_ = 1, bytes_ = 0;
  lane_map lanes_;
  unsigned group_ = 0, rows_ = 1;
  bool is_various_ = false;
  part label_, steps_, coefficients_, labels_;
};

}  // namespace diffode
