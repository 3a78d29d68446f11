// SPDX-License-Identifier: MIT
#pragma once

#include <diffode/adapter/safetensors.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace digits {

using diffode::tensor_shape;
using diffode::to_string;

/// A tensor of a file, row-major, whatever its stored element type converted to float.
struct tensor {
  tensor_shape shape;
  std::vector<float> values;
};

/// All tensors of one safetensors file, as floats.
///
/// Element types  F32, U8, I64 (I64 must be exact in float)
/// Errors         std::runtime_error that names the file, the tensor, what it has and what was expected
class tensor_file {
 public:
  /// Reads and checks the whole file.
  static tensor_file load(const std::filesystem::path& path) {
    const auto read = diffode::safetensors_file::try_load(path);
    if (!read) throw std::runtime_error(std::string("digits: ") + read.reason()->what());
    tensor_file file;
    file.path_ = path.string();
    file.metadata_ = read.value().metadata();
    for (const auto& [name, stored] : read.value().tensors()) file.tensors_[name] = {stored.shape, file.as_floats(name, stored.type, read.value().bytes(stored))};
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
  std::vector<float> as_floats(const std::string& name, const std::string& type, std::span<const char> bytes) const {
    if (type == "F32") return diffode::detail::converted<float, float>(bytes);
    if (type == "I64") return diffode::detail::converted<float, std::int64_t>(bytes);
    if (type == "U8") return diffode::detail::converted<float, std::uint8_t>(bytes);
    fail("tensor '" + name + "' has dtype \"" + type + "\", expected F32, U8 or I64");
  }

  std::string path_;
  std::map<std::string, tensor> tensors_;
  std::map<std::string, std::string> metadata_;
};

}  // namespace digits
