// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/error.hpp"
#include "diffode/detail/file.hpp"
#include "diffode/detail/json_object.hpp"
#include "diffode/detail/tensor.hpp"
#include "diffode/detail/within_memory.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace diffode {

/// A safetensors file: 8 bytes of header length, a JSON header, the tensors' bytes.
///
/// Trusts nothing  every length is checked against the file's before it is used, and tensors have to lie one after another
///                 without a gap, as the format's authors ask: a small file can not claim a large tensor, nor one twice
/// Errors          refuses with the file's name and the tensor's, what it has and what is allowed; and where memory is short
class safetensors_file {
 public:
  struct tensor {
    std::string type;  ///< "F64", "F32", "I64", ...
    tensor_shape shape;
    std::size_t begin = 0, end = 0;  ///< of the data
  };

  static result<safetensors_file> try_load(const std::filesystem::path& path) {
    const auto bytes = detail::try_read_file(path);
    if (!bytes) return *bytes.reason();
    return try_parse(bytes.value(), path.string());
  }
  static safetensors_file load(const std::filesystem::path& path) { return try_load(path).value(); }

  /// `name` is what messages call the file.
  static result<safetensors_file> try_parse(std::span<const char> bytes, const std::string& name) {
    return detail::within_memory(name, [&]() -> result<safetensors_file> {
      safetensors_file file;
      file.name_ = name;
      if (const fault f = file.parse(bytes)) return *f;
      return file;
    });
  }

  const std::string& name() const { return name_; }
  const std::map<std::string, tensor>& tensors() const { return tensors_; }
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  std::span<const char> bytes(const tensor& t) const { return std::span(data_).subspan(t.begin, t.end - t.begin); }

  /// The tensor of that name; refuses a name that the file does not have.
  result<tensor> try_find(const std::string& wanted) const {
    const auto found = tensors_.find(wanted);
    if (found == tensors_.end()) return refused("tensor '", wanted, "' is missing");
    return found->second;
  }

  /// A tensor of floating-point numbers (F64 or F32), in double.
  result<std::vector<double>> try_numbers(const std::string& wanted) const {
    const result<tensor> found = try_find(wanted);
    if (!found) return *found.reason();
    const tensor& t = found.value();
    if (t.type != "F64" && t.type != "F32") return refused("tensor '", wanted, "' has dtype \"", t.type, "\", needs F64 or F32");
    return detail::within_memory(name_, [&]() -> result<std::vector<double>> {
      return t.type == "F64" ? detail::converted<double, double>(bytes(t)) : detail::converted<double, float>(bytes(t));
    });
  }

 private:
  template <class... Parts>
  error refused(const Parts&... parts) const {
    return detail::refuse(errc::bad_file, name_, ": ", parts...);
  }

  fault parse(std::span<const char> file) {
    std::uint64_t length = 0;
    if (file.size() < sizeof length) return refused("has ", file.size(), " bytes, a safetensors file has at least 8");
    std::memcpy(&length, file.data(), sizeof length);
    if (length > file.size() - sizeof length)
      return refused("header: is ", length, " bytes long, the file has ", file.size() - sizeof length, " bytes left for it");
    if (length > most_header) return refused("header: is ", length, " bytes long, needs at most ", most_header);
    const std::span<const char> text = file.subspan(sizeof length, static_cast<std::size_t>(length)),
                                data = file.subspan(sizeof length + text.size());
    const auto header = nlohmann::json::parse(text.begin(), text.end(), nullptr, false);
    if (!header.is_object()) return refused("header: is not a JSON object");
    for (const auto& [key, entry] : header.items())
      if (const fault f = key == "__metadata__" ? add_metadata(entry) : add_tensor(key, entry, data.size())) return f;
    if (const fault f = check_places(data.size())) return f;
    data_.assign(data.begin(), data.end());
    return {};
  }

  fault add_metadata(const nlohmann::json& entry) {
    if (!entry.is_object()) return refused("header: __metadata__ is not a JSON object");
    for (const auto& [key, value] : entry.items()) {
      if (!value.is_string()) return refused("header: metadata '", key, "' is not a string");
      metadata_[key] = value.get<std::string>();
    }
    return {};
  }

  fault add_tensor(const std::string& key, const nlohmann::json& entry, std::size_t data) {
    tensor t;
    tensor_shape offsets;
    for (const char* field : {"data_offsets", "dtype", "shape"})
      if (!entry.is_object() || !entry.contains(field)) return refused("tensor '", key, "' has no '", field, "' in the header");
    if (const fault f = lengths(key, "data_offsets", entry.at("data_offsets"), offsets)) return f;
    if (offsets.size() != 2 || offsets[0] > offsets[1])
      return refused("tensor '", key, "' has data_offsets ", to_string(offsets), ", expected [begin, end]");
    if (offsets[1] > data) return refused("tensor '", key, "' ends at byte ", offsets[1], " of the data, the file has only ", data, " bytes of it");
    t.begin = offsets[0], t.end = offsets[1];
    if (entry.at("dtype").is_string()) t.type = entry.at("dtype").get<std::string>();
    const std::size_t width = width_of(t.type), bytes = t.end - t.begin;
    if (width == 0) return refused("tensor '", key, "' has dtype ", detail::shown(entry.at("dtype")), ", expected one of the format's");
    if (const fault f = lengths(key, "shape", entry.at("shape"), t.shape)) return f;
    if (detail::count_of(t.shape, bytes) * width != bytes)
      return refused("tensor '", key, "' has shape ", to_string(t.shape), " of ", width, "-byte elements, which does not fill its ", bytes, " bytes");
    tensors_[key] = std::move(t);
    return {};
  }

  fault lengths(const std::string& key, const char* field, const nlohmann::json& list, tensor_shape& to) const {
    if (!list.is_array()) return refused("tensor '", key, "' has ", field, " ", detail::shown(list), ", expected a list");
    for (const auto& item : list) {
      if (!item.is_number_unsigned()) return refused("tensor '", key, "' has ", field, " ", detail::shown(list), ", expected counts");
      to.push_back(item.get<std::size_t>());
    }
    return {};
  }

  /// One after another, from the first byte to the last.
  fault check_places(std::size_t data) const {
    std::vector<std::pair<std::pair<std::size_t, std::size_t>, std::string>> places;
    for (const auto& [key, t] : tensors_) places.push_back({{t.begin, t.end}, key});
    std::sort(places.begin(), places.end());
    std::size_t here = 0;
    for (const auto& [place, key] : places) {
      if (place.first != here)
        return refused("tensor '", key, "' begins at byte ", place.first, " of the data, expected ", here, ", where the one before ends");
      here = place.second;
    }
    if (here != data) return refused("tensors end at byte ", here, " of the data, the file has ", data, " bytes of it");
    return {};
  }

  static std::size_t width_of(std::string_view type) {
    constexpr std::array<std::pair<std::string_view, std::size_t>, 15> known{
        {{"BOOL", 1}, {"U8", 1}, {"I8", 1}, {"F8_E4M3", 1}, {"F8_E5M2", 1}, {"U16", 2}, {"I16", 2}, {"F16", 2}, {"BF16", 2},
         {"U32", 4}, {"I32", 4}, {"F32", 4}, {"U64", 8}, {"I64", 8}, {"F64", 8}}};
    for (const auto& [name, width] : known)
      if (name == type) return width;
    return 0;
  }

  static constexpr std::uint64_t most_header = 100'000'000;  // the format's own limit

  std::string name_;
  std::map<std::string, tensor> tensors_;
  std::map<std::string, std::string> metadata_;
  std::vector<char> data_;
};

/// A tensor to be written as F64.
struct named_numbers {
  std::string name;
  tensor_shape shape;
  std::span<const double> values;
};

/// The bytes of a safetensors file. The same bytes for the same tensors.
inline std::string safetensors_bytes(std::span<const named_numbers> tensors, const std::map<std::string, std::string>& metadata = {}) {
  nlohmann::json header = nlohmann::json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::size_t place = 0;
  for (const named_numbers& t : tensors) {
    header[t.name] = {{"dtype", "F64"}, {"shape", t.shape}, {"data_offsets", {place, place + t.values.size_bytes()}}};
    place += t.values.size_bytes();
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');  // so that numbers are aligned
  const std::uint64_t length = text.size();
  std::string bytes;
  detail::append_bytes(bytes, std::span<const std::uint64_t>(&length, 1));
  bytes += text;
  for (const named_numbers& t : tensors) detail::append_bytes(bytes, t.values);
  return bytes;
}

}  // namespace diffode
