// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <vector>

namespace diffode {

/// Lengths of a tensor's axes, slowest first.
using tensor_shape = std::vector<std::size_t>;

/// "[32, 1, 3, 3]"
inline std::string to_string(const tensor_shape& shape) {
  std::string text = "[";
  for (const std::size_t length : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(length);
  return text + "]";
}

namespace detail {

static_assert(std::endian::native == std::endian::little, "files of tensors are little-endian");

/// Number of elements, cut off above `most` so that a damaged shape cannot overflow.
inline std::size_t count_of(const tensor_shape& shape, std::size_t most) {
  std::size_t product = 1;
  for (const std::size_t length : shape)
    if (length == 0) return 0;
  for (const std::size_t length : shape) product = length > most || product > most / length ? most + 1 : product * length;
  return product;
}

/// Elements of type Stored as numbers of type To.
template <class To, class Stored>
std::vector<To> converted(std::span<const char> bytes) {
  std::vector<To> values(bytes.size() / sizeof(Stored));
  for (std::size_t i = 0; i < values.size(); ++i) {
    Stored element;
    std::memcpy(&element, bytes.data() + i * sizeof element, sizeof element);
    values[i] = static_cast<To>(element);
  }
  return values;
}

template <class T>
void append_bytes(std::string& to, std::span<const T> values) {
  to.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
}

}  // namespace detail

}  // namespace diffode
