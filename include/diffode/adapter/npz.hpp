// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/adapter/npy.hpp"
#include "diffode/core/error.hpp"
#include "diffode/detail/file.hpp"
#include "diffode/detail/within_memory.hpp"

#include <zip.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace diffode {

namespace detail {

struct zip_ends {
  void operator()(zip_t* z) const { zip_discard(z); }
  void operator()(zip_source_t* s) const { zip_source_free(s); }
  void operator()(zip_file_t* f) const { zip_fclose(f); }
};
template <class Z>
using zip_pointer = std::unique_ptr<Z, zip_ends>;

/// Whether the members together claim no more bytes than the archive has: those that overlap could be many more.
inline fault check_claims(zip_t* archive, std::size_t archive_bytes, const std::string& who) {
  constexpr std::uint64_t headers = 30 + 46, end = 22;  // at least, before a member and in the index, and behind it
  std::uint64_t claimed = end;
  const zip_int64_t members = zip_get_num_entries(archive, 0);
  for (zip_int64_t k = 0; k < members; ++k) {
    zip_stat_t about;
    zip_stat_init(&about);
    if (zip_stat_index(archive, static_cast<zip_uint64_t>(k), 0, &about) != 0 || (about.valid & ZIP_STAT_COMP_SIZE) == 0)
      return refuse(errc::bad_file, who, ": member ", k, ": the archive does not say how long it is");
    if (about.comp_size > archive_bytes || (claimed += headers + about.comp_size) > archive_bytes)
      return refuse(errc::bad_file, who, ": members 0 to ", k, " claim more bytes than the archive has, ", archive_bytes,
                    ", needs members that do not overlap");
  }
  return {};
}

/// One member of an archive, whose size is checked against what so many compressed bytes can hold before any memory is taken.
inline result<std::vector<char>> try_unzip(zip_t* archive, const std::string& member, std::size_t archive_bytes, const std::string& who) {
  // Deflate makes at most 1032 bytes of one.
  constexpr std::uint64_t most_growth = 1032, most = std::uint64_t{1} << 32;
  zip_stat_t about;
  zip_stat_init(&about);
  if (zip_stat(archive, member.c_str(), 0, &about) != 0) return refuse(errc::bad_file, who, ": ", member, ": ", zip_strerror(archive));
  constexpr std::uint64_t needed = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_INDEX;
  if ((about.valid & needed) != needed) return refuse(errc::bad_file, who, ": ", member, ": the archive does not say how long it is");
  const bool stored = about.comp_method == ZIP_CM_STORE;
  if (!stored && about.comp_method != ZIP_CM_DEFLATE)
    return refuse(errc::bad_file, who, ": ", member, ": compression method is ", about.comp_method, ", needs 0 (stored) or 8 (deflated)");
  if (about.comp_size > archive_bytes || about.size > most ||
      (stored ? about.size != about.comp_size : about.size > most_growth * (about.comp_size + 1)))
    return refuse(errc::bad_file, who, ": ", member, ": size is ", about.size, " from ", about.comp_size,
                  " bytes, more than an archive of ", archive_bytes, " bytes can hold");
  const zip_pointer<zip_file_t> in(zip_fopen_index(archive, about.index, 0));
  if (!in) return refuse(errc::bad_file, who, ": ", member, ": cannot be opened: ", zip_strerror(archive));
  const std::size_t size = static_cast<std::size_t>(about.size);
  constexpr std::size_t piece = std::size_t{1} << 20;
  std::vector<char> bytes;
  bool whole = true;
  // What was deflated may have fewer bytes than it claims: memory is taken for twice as many as have come, and no more.
  while (whole && bytes.size() < size) {
    const std::size_t before = bytes.size(), next = stored ? size : std::min(size - before, std::max(piece, before));
    bytes.resize(before + next);
    whole = zip_fread(in.get(), bytes.data() + before, next) == static_cast<zip_int64_t>(next);
  }
  char beyond;
  // What lies beyond the last byte is the checksum, which is compared when it is asked for more.
  if (!whole || zip_fread(in.get(), &beyond, 1) != 0) return refuse(errc::bad_file, who, ": ", member, ": is damaged");
  return bytes;
}

}  // namespace detail

/// An .npz file: a zip archive of .npy files, stored or deflated.
///
/// Trusts nothing  members may not claim more bytes together than the archive has, so that overlapping gains nothing, and none more
///                 than its own can hold; memory is taken as bytes come
/// Errors          refuses what is no such archive, is damaged, has no array of a name, claims too much, or needs more memory than
///                 there is
class npz_file {
 public:
  static result<npz_file> try_load(const std::filesystem::path& path) {
    const auto bytes = detail::try_read_file(path);
    if (!bytes) return *bytes.reason();
    return try_parse(bytes.value(), path.string());
  }
  static npz_file load(const std::filesystem::path& path) { return try_load(path).value(); }

  /// `name` is what messages call the file.
  static result<npz_file> try_parse(std::span<const char> bytes, const std::string& name) {
    return detail::within_memory(name, [&] { return parsed(bytes, name); });
  }

  const std::string& name() const { return name_; }
  bool has(const std::string& array) const { return zip_name_locate(archive_.get(), (array + ".npy").c_str(), 0) >= 0; }

  result<npy_array> try_find(const std::string& array) const {
    return detail::within_memory(name_, [&]() -> result<npy_array> {
      if (!has(array)) return detail::refuse(errc::bad_file, name_, ": array '", array, "' is missing");
      const auto bytes = detail::try_unzip(archive_.get(), array + ".npy", bytes_.size(), name_);
      if (!bytes) return *bytes.reason();
      return try_read_npy(bytes.value(), name_ + ": " + array + ".npy");
    });
  }

 private:
  static result<npz_file> parsed(std::span<const char> bytes, const std::string& name) {
    npz_file file;
    file.name_ = name;
    file.bytes_.assign(bytes.begin(), bytes.end());
    zip_error_t problem;
    zip_error_init(&problem);
    detail::zip_pointer<zip_source_t> source(zip_source_buffer_create(file.bytes_.data(), file.bytes_.size(), 0, &problem));
    if (source) file.archive_.reset(zip_open_from_source(source.get(), ZIP_RDONLY, &problem));
    if (!file.archive_) {
      error e = detail::refuse(errc::bad_file, name, ": is not an .npz file: ", zip_error_strerror(&problem));
      zip_error_fini(&problem);
      return e;
    }
    static_cast<void>(source.release());  // the archive's now
    zip_error_fini(&problem);
    if (const fault f = detail::check_claims(file.archive_.get(), file.bytes_.size(), name)) return *f;
    return result<npz_file>(std::move(file));
  }

  std::string name_;
  std::vector<char> bytes_;
  detail::zip_pointer<zip_t> archive_;  ///< reads from the bytes
};

/// How members are kept: as numpy.savez does, or numpy.savez_compressed.
enum class npz_members { stored, deflated };

/// The bytes of an .npz file. The same bytes for the same arrays.
inline result<std::string> try_npz_bytes(std::span<const std::pair<std::string, npy_array>> arrays, npz_members how = npz_members::stored) {
  const auto refused = [](const char* why) { return detail::refuse(errc::bad_file, "npz_bytes: ", why); };
  std::vector<std::string> members;  // have to live until the archive is closed
  for (const auto& [name, array] : arrays) members.push_back(npy_bytes(array.shape, array.values));
  const detail::zip_pointer<zip_source_t> target(zip_source_buffer_create(nullptr, 0, 0, nullptr));
  if (!target) return refused("no memory");
  detail::zip_pointer<zip_t> archive(zip_open_from_source(target.get(), ZIP_TRUNCATE, nullptr));
  if (!archive) return refused("no archive can be made");
  zip_source_keep(target.get());
  for (std::size_t k = 0; k < members.size(); ++k) {
    detail::zip_pointer<zip_source_t> one(zip_source_buffer(archive.get(), members[k].data(), members[k].size(), 0));
    const zip_int64_t index = one ? zip_file_add(archive.get(), (arrays[k].first + ".npy").c_str(), one.get(), ZIP_FL_ENC_UTF_8) : -1;
    if (index < 0) return refused(zip_strerror(archive.get()));
    static_cast<void>(one.release());
    const zip_uint64_t place = static_cast<zip_uint64_t>(index);
    constexpr zip_uint16_t first_of_january_1980 = 1 << 5 | 1;  // a fixed date, or two files would differ by it
    zip_set_file_compression(archive.get(), place, how == npz_members::stored ? ZIP_CM_STORE : ZIP_CM_DEFLATE, 0);
    zip_file_set_dostime(archive.get(), place, 0, first_of_january_1980, 0);
  }
  if (zip_close(archive.get()) != 0) return refused(zip_strerror(archive.get()));
  static_cast<void>(archive.release());
  if (zip_source_open(target.get()) != 0) return refused("the archive cannot be read back");
  zip_source_seek(target.get(), 0, SEEK_END);
  std::string bytes(static_cast<std::size_t>(std::max<zip_int64_t>(zip_source_tell(target.get()), 0)), '\0');
  zip_source_seek(target.get(), 0, SEEK_SET);
  const bool whole = zip_source_read(target.get(), bytes.data(), bytes.size()) == static_cast<zip_int64_t>(bytes.size());
  zip_source_close(target.get());
  if (!whole || bytes.empty()) return refused("the archive cannot be read back");
  return bytes;
}

}  // namespace diffode
