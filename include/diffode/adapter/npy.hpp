// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/error.hpp"
#include "diffode/detail/tensor.hpp"
#include "diffode/detail/within_memory.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diffode {

/// An array of numpy's, row-major, in double.
struct npy_array {
  tensor_shape shape;
  std::vector<double> values;
};

namespace detail {

/// The header of an .npy file: a Python dictionary of three literals, in the few spellings that numpy writes.
class npy_header {
 public:
  explicit npy_header(std::string_view text) : left_(text) {}

  std::optional<std::string_view> type;
  std::optional<bool> column_major;
  std::optional<tensor_shape> shape;

  /// Whether the text is such a dictionary, with each key once.
  bool parse() {
    if (!take('{')) return false;
    while (!take('}')) {
      const auto key = quoted();
      if (!key || !take(':')) return false;
      if (*key == "descr" && !type) type = quoted();
      else if (*key == "fortran_order" && !column_major) column_major = claim();
      else if (*key == "shape" && !shape) shape = tuple();
      else return false;
      if (!(take(',') || ahead('}'))) return false;
    }
    blanks();
    return left_.empty() && type && column_major && shape;
  }

 private:
  void blanks() {
    while (!left_.empty() && (left_.front() == ' ' || left_.front() == '\n')) left_.remove_prefix(1);
  }
  bool ahead(char letter) { return blanks(), !left_.empty() && left_.front() == letter; }
  bool take(char letter) {
    if (!ahead(letter)) return false;
    left_.remove_prefix(1);
    return true;
  }
  std::optional<std::string_view> quoted() {
    for (const char mark : {'\'', '"'})
      if (take(mark)) {
        const std::size_t end = left_.find(mark);
        if (end == std::string_view::npos) return {};
        const std::string_view word = left_.substr(0, end);
        left_.remove_prefix(end + 1);
        return word;
      }
    return {};
  }
  std::optional<bool> claim() {
    blanks();
    for (const bool value : {true, false}) {
      const std::string_view word = value ? "True" : "False";
      if (left_.starts_with(word)) return left_.remove_prefix(word.size()), value;
    }
    return {};
  }
  std::optional<tensor_shape> tuple() {
    if (!take('(')) return {};
    tensor_shape all;
    while (!take(')')) {
      std::size_t number = 0, digits = 0;
      for (blanks(); !left_.empty() && left_.front() >= '0' && left_.front() <= '9'; left_.remove_prefix(1), ++digits)
        number = 10 * number + static_cast<std::size_t>(left_.front() - '0');
      if (digits == 0 || digits > 18 || !(take(',') || ahead(')'))) return {};
      all.push_back(number);
    }
    return all;
  }

  std::string_view left_;
};

}  // namespace detail

/// Reads an .npy file of float64 or float32, little-endian, row-major, versions 1 to 3 of the format.
///
/// name     what messages call it
/// Errors   refuses all else: the data have to fill the file to its last byte, so a short file can not claim a large array. And
///          arrays that there is not the memory for
inline result<npy_array> try_read_npy(std::span<const char> file, const std::string& name) {
  const auto refused = [&](const auto&... parts) { return detail::refuse(errc::bad_file, name, ": ", parts...); };
  constexpr std::string_view magic = "\x93NUMPY";
  if (file.size() < 10 || std::string_view(file.data(), magic.size()) != magic) return refused("is not an .npy file: it does not begin as one");
  const int version = static_cast<unsigned char>(file[6]), minor = static_cast<unsigned char>(file[7]);
  if (version < 1 || version > 3 || minor != 0)
    return refused("has version ", version, ".", minor, " of the .npy format, needs 1.0, 2.0 or 3.0");
  const std::size_t width = version == 1 ? 2 : 4, begin = 8 + width;
  std::uint32_t length = 0;
  if (file.size() < begin) return refused("has ", file.size(), " bytes, its header alone needs more");
  std::memcpy(&length, file.data() + 8, width);
  if (length > file.size() - begin) return refused("header is ", length, " bytes long, the file has ", file.size() - begin, " bytes left for it");
  detail::npy_header header({file.data() + begin, length});
  if (!header.parse()) return refused("header is not one of an .npy file");
  if (*header.type != "<f8" && *header.type != "<f4") return refused("has elements of type '", *header.type, "', needs '<f8' or '<f4'");
  if (*header.column_major) return refused("is in Fortran's order, needs C's: save numpy.ascontiguousarray of it");
  const std::span<const char> data = file.subspan(begin + length);
  const std::size_t each = *header.type == "<f8" ? 8 : 4;
  if (detail::count_of(*header.shape, data.size()) * each != data.size())
    return refused("has shape ", to_string(*header.shape), " of ", each, "-byte elements, which does not fill its ", data.size(), " bytes");
  return detail::within_memory(name, [&]() -> result<npy_array> {
    return npy_array{*header.shape, each == 8 ? detail::converted<double, double>(data) : detail::converted<double, float>(data)};
  });
}

/// The bytes of an .npy file of float64, version 1.0.
inline std::string npy_bytes(const tensor_shape& shape, std::span<const double> values) {
  std::string tuple;
  for (const std::size_t length : shape) tuple += (tuple.empty() ? "" : ", ") + std::to_string(length);
  if (shape.size() == 1) tuple += ',';
  std::string text = "{'descr': '<f8', 'fortran_order': False, 'shape': (" + tuple + "), }";
  text.resize((10 + text.size()) / 64 * 64 + 64 - 10 - 1, ' ');  // data begin at a multiple of 64
  text += '\n';
  std::string bytes("\x93NUMPY\x01\x00", 8);
  const std::uint16_t length = static_cast<std::uint16_t>(text.size());
  detail::append_bytes(bytes, std::span<const std::uint16_t>(&length, 1));
  bytes += text;
  detail::append_bytes(bytes, values);
  return bytes;
}

}  // namespace diffode
