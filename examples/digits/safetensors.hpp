// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace digits {

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian");

/// Lengths of a tensor's axes, slowest first.
using tensor_shape = std::vector<std::size_t>;

/// "[32, 1, 3, 3]"
inline std::string to_string(const tensor_shape& shape) {
  std::string text = "[";
  for (const std::size_t length : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(length);
  return text + "]";
}

/// A tensor of a file, row-major, whatever its stored element type converted to float.
struct tensor {
  tensor_shape shape;
  std::vector<float> values;
};

/// All tensors of one safetensors file (8-byte header length, JSON header, raw data).
///
/// Element types  F32, U8, I64 (I64 must be exact in float)
/// Errors         std::runtime_error that names the file, the tensor, what it has and what was expected
class tensor_file {
 public:
  /// Reads and checks the whole file.
  static tensor_file load(const std::filesystem::path& path) {
    tensor_file file;
    file.path_ = path.string();
    file.parse(read(path));
    return file;
  }

  /// The tensor of that name; refuses a name that the file does not have.
  const tensor& at(const std::string& name) const {
    const auto found = tensors_.find(name);
    if (found == tensors_.end()) fail("tensor '" + name + "' is missing");
    return found->second;
  }

  /// The tensor of that name; refuses another shape.
  const tensor& at(const std::string& name, const tensor_shape& expected) const {
    const tensor& found = at(name);
    if (found.shape != expected)
      fail("tensor '" + name + "' has shape " + to_string(found.shape) + ", expected " + to_string(expected));
    return found;
  }

  /// The tensor of that name; refuses another number of axes.
  const tensor& at_rank(const std::string& name, std::size_t axes) const {
    const tensor& found = at(name);
    if (found.shape.size() != axes)
      fail("tensor '" + name + "' has shape " + to_string(found.shape) + ", expected " +
           std::to_string(axes) + " axes");
    return found;
  }

  /// Text that the writer stored under `key`; refuses a key that the file does not have.
  const std::string& metadata(const std::string& key) const {
    const auto found = metadata_.find(key);
    if (found == metadata_.end()) fail("metadata '" + key + "' is missing");
    return found->second;
  }

  /// Throws "digits: FILE: problem".
  [[noreturn]] void fail(const std::string& problem) const {
    throw std::runtime_error("digits: " + path_ + ": " + problem);
  }

 private:
  static std::string read(const std::filesystem::path& path) {
    std::ifstream stream(path, std::ios::binary);
    if (!stream) throw std::runtime_error("digits: " + path.string() + ": cannot be opened");
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  void parse(const std::string& bytes) {
    std::uint64_t length = 0;
    if (bytes.size() < sizeof length)
      fail("has " + std::to_string(bytes.size()) + " bytes, a safetensors file has at least 8");
    std::memcpy(&length, bytes.data(), sizeof length);
    if (length > bytes.size() - sizeof length)
      fail("header: is " + std::to_string(length) + " bytes long, the file has " +
           std::to_string(bytes.size() - sizeof length) + " bytes left for it");
    const std::string text = bytes.substr(sizeof length, static_cast<std::size_t>(length));
    const auto header = nlohmann::json::parse(text, nullptr, false);
    if (!header.is_object()) fail("header: is not a JSON object");
    const std::string data = bytes.substr(sizeof length + text.size());
    for (const auto& [name, entry] : header.items()) {
      if (name == "__metadata__")
        add_metadata(entry);
      else
        add_tensor(name, entry, data);
    }
  }

  void add_metadata(const nlohmann::json& entry) {
    if (!entry.is_object()) fail("header: __metadata__ is not a JSON object");
    for (const auto& [key, value] : entry.items()) {
      if (!value.is_string()) fail("header: metadata '" + key + "' is not a string");
      metadata_[key] = value.get<std::string>();
    }
  }

  void add_tensor(const std::string& name, const nlohmann::json& entry, const std::string& data) {
    const std::string who = "tensor '" + name + "' ";
    const auto field = [&](const char* key) {
      if (!entry.is_object() || !entry.contains(key)) fail(who + "has no '" + key + "' in the header");
      return entry.at(key);
    };
    const tensor_shape offsets = lengths(who, "data_offsets", field("data_offsets"));
    if (offsets.size() != 2 || offsets[0] > offsets[1])
      fail(who + "has data_offsets " + to_string(offsets) + ", expected [begin, end]");
    if (offsets[1] > data.size())
      fail(who + "ends at byte " + std::to_string(offsets[1]) + " of the data, the file has only " +
           std::to_string(data.size()) + " bytes of it");
    const auto type = field("dtype");
    const std::size_t width = type == "F32"   ? sizeof(float)
                              : type == "I64" ? sizeof(std::int64_t)
                                              : type == "U8";
    if (width == 0) fail(who + "has dtype " + type.dump() + ", expected F32, U8 or I64");
    tensor result{.shape = lengths(who, "shape", field("shape")), .values = {}};
    const std::size_t bytes = offsets[1] - offsets[0];
    if (count(result.shape, bytes) * width != bytes)
      fail(who + "has shape " + to_string(result.shape) + " of " + std::to_string(width) +
           "-byte elements, which does not fill its " + std::to_string(bytes) + " bytes");
    const char* const begin = data.data() + offsets[0];
    result.values = type == "F32"   ? convert<float>(begin, bytes)
                    : type == "I64" ? convert<std::int64_t>(begin, bytes)
                                    : convert<std::uint8_t>(begin, bytes);
    tensors_[name] = std::move(result);
  }

  tensor_shape lengths(const std::string& who, const char* key, const nlohmann::json& list) const {
    tensor_shape result;
    if (!list.is_array()) fail(who + "has " + key + " " + list.dump() + ", expected a list");
    for (const auto& item : list) {
      if (!item.is_number_unsigned()) fail(who + "has " + key + " " + list.dump() + ", expected counts");
      result.push_back(item.get<std::size_t>());
    }
    return result;
  }

  /// Number of elements, cut off above `most` so that a damaged shape cannot overflow.
  static std::size_t count(const tensor_shape& shape, std::size_t most) {
    std::size_t product = 1;
    for (const std::size_t length : shape) {
      if (length == 0) return 0;
      product = length > most || product > most / length ? most + 1 : product * length;
    }
    return product;
  }

  template <class Stored> static std::vector<float> convert(const char* begin, std::size_t bytes) {
    std::vector<float> values(bytes / sizeof(Stored));
    for (std::size_t i = 0; i < values.size(); ++i) {
      Stored element;
      std::memcpy(&element, begin + i * sizeof element, sizeof element);
      values[i] = static_cast<float>(element);
    }
    return values;
  }

  std::string path_;
  std::map<std::string, tensor> tensors_;
  std::map<std::string, std::string> metadata_;
};

}  // namespace digits
