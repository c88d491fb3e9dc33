// SPDX-License-Identifier: Apache-2.0
#include "traces/masks/mask_recording.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <limits>

#include <boost/crc.hpp>

#include "models/common/check.h"

namespace dixion {
namespace {

constexpr char kMagic[9] = "DIXMASK\n";
constexpr std::uint32_t kVersion = 1, kRecordMagic = 0x4b53414d;  // "MASK", first letter in the low byte
constexpr std::uint64_t kUnfinished = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 40;  // of one mask; more is no mask

struct Header {
  char magic[8];
  std::uint32_t version;
  std::uint32_t name_bytes;
  std::uint32_t text_bytes;
  std::uint32_t text_crc;
  std::uint64_t masks;
};
static_assert(sizeof(Header) == 32, "docs/mask_files.md");

struct Record {
  std::uint32_t magic;
  std::uint8_t kind, opcode, operand, reserved0;
  std::uint32_t tag, ordinal;
  std::uint64_t groups, rows;
  std::uint32_t columns, crc;
};
static_assert(sizeof(Record) == 40, "docs/mask_files.md");

std::uint32_t crc_of(const void* data, std::size_t bytes) {
  boost::crc_32_type crc;
  crc.process_bytes(data, bytes);
  return crc.checksum();
}

std::string number(std::uint64_t value) { return std::to_string(value); }

}  // namespace

MaskRecordingWriter::MaskRecordingWriter(const std::filesystem::path& path, const RecordedWorkload& workload)
    : path_(path), file_(path, std::ios::binary | std::ios::trunc) {
  if (!file_) throw ConfigError(path.string(), "cannot be written");
  Header header{};
  std::memcpy(header.magic, kMagic, sizeof header.magic);
  header.version = kVersion;
  header.name_bytes = static_cast<std::uint32_t>(workload.name.size());
  header.text_bytes = static_cast<std::uint32_t>(workload.text.size());
  header.text_crc = crc_of(workload.text.data(), workload.text.size());
  header.masks = kUnfinished;
  file_.write(reinterpret_cast<const char*>(&header), sizeof header);
  file_.write(workload.name.data(), static_cast<std::streamsize>(workload.name.size()));
  file_.write(workload.text.data(), static_cast<std::streamsize>(workload.text.size()));
}

void MaskRecordingWriter::add(const MaskRequest& request, const std::vector<std::uint32_t>& words) {
  Record record{};
  record.magic = kRecordMagic;
  record.kind = static_cast<std::uint8_t>(request.kind);
  record.opcode = request.opcode;
  record.operand = request.operand;
  record.tag = request.tag;
  record.ordinal = request.ordinal;
  record.groups = request.groups;
  record.rows = request.rows;
  record.columns = request.columns;
  const std::size_t bytes = words.size() * sizeof words[0];
  record.crc = crc_of(words.data(), bytes);
  file_.write(reinterpret_cast<const char*>(&record), sizeof record);
  file_.write(reinterpret_cast<const char*>(words.data()), static_cast<std::streamsize>(bytes));
  ++count_;
}

void MaskRecordingWriter::finish() {
  file_.seekp(offsetof(Header, masks));
  file_.write(reinterpret_cast<const char*>(&count_), sizeof count_);
  file_.close();
  if (!file_) throw ConfigError(path_.string(), "could not be written to its end; is the disk full?");
}

std::uint64_t MaskRecording::Entry::words() const {
  return request.groups * request.rows * ((std::uint64_t{request.columns} + 31) / 32);
}

MaskRecording::MaskRecording(const std::filesystem::path& path) : path_(path), file_(path, std::ios::binary) {
  const auto refuse = [&](const std::string& reason) { throw ConfigError(path.string(), reason); };
  std::error_code unreadable;
  const std::uint64_t size = std::filesystem::file_size(path, unreadable);
  if (!file_ || unreadable) refuse("cannot be read");
  std::uint64_t at = 0;
  const auto take = [&](void* to, std::uint64_t bytes, const std::string& where) {
    if (bytes > size - at) refuse("is truncated: it ends " + where);
    file_.read(static_cast<char*>(to), static_cast<std::streamsize>(bytes));
    if (!file_) refuse("cannot be read");
    at += bytes;
  };
  Header header{};
  if (size < sizeof header.magic) refuse("is no recording of masks");
  take(&header, std::min<std::uint64_t>(size, sizeof header), "in its header");
  if (std::memcmp(header.magic, kMagic, sizeof header.magic) != 0) refuse("is no recording of masks");
  if (size < sizeof header) refuse("is truncated: it ends in its header");
  if (header.version != kVersion) {
    refuse("has version " + number(header.version) + "; this program reads version " + number(kVersion));
  }
  if (std::uint64_t{header.name_bytes} + header.text_bytes > size - at) refuse("is truncated: it ends in its header");
  workload_.name.resize(header.name_bytes);
  workload_.text.resize(header.text_bytes);
  take(workload_.name.data(), header.name_bytes, "in its header");
  take(workload_.text.data(), header.text_bytes, "in its header");
  if (crc_of(workload_.text.data(), workload_.text.size()) != header.text_crc)
    refuse("is damaged: checksum of its header");
  if (header.masks == kUnfinished) refuse("is unfinished: the run that recorded it did not come to its end");
  for (std::uint64_t i = 0; i < header.masks; ++i) {
    const std::string where = "in mask " + number(i + 1) + " of " + number(header.masks);
    Record record{};
    take(&record, sizeof record, where);
    if (record.magic != kRecordMagic || record.kind >= kMaskKinds) refuse("is damaged " + where);
    Entry entry;
    entry.request.kind = static_cast<MaskKind>(record.kind);
    entry.request.opcode = record.opcode;
    entry.request.operand = record.operand;
    entry.request.tag = record.tag;
    entry.request.ordinal = record.ordinal;
    entry.request.groups = record.groups;
    entry.request.rows = record.rows;
    entry.request.columns = record.columns;
    entry.offset = at;
    entry.crc = record.crc;
    // Without overflow: 1 bit takes at least 1/32 word.
    const double about = static_cast<double>(record.groups) * static_cast<double>(record.rows) * record.columns / 8;
    if (about > static_cast<double>(kMostBytes)) refuse("is damaged " + where);
    const std::uint64_t bytes = entry.words() * sizeof(std::uint32_t);
    if (bytes > size - at) refuse("is truncated: it ends " + where);
    at += bytes;
    file_.seekg(static_cast<std::streamoff>(at));
    index_.emplace(key_of(entry.request), entries_.size());
    entries_.push_back(entry);
  }
  if (at != size) refuse("goes on behind its last mask");
}

const MaskRecording::Entry* MaskRecording::find(const MaskRequest& request) const {
  const auto found = index_.find(key_of(request));
  return found == index_.end() ? nullptr : &entries_[found->second];
}

std::vector<std::uint32_t> MaskRecording::bits(const Entry& entry) const {
  std::vector<std::uint32_t> words(entry.words());
  const std::size_t bytes = words.size() * sizeof words[0];
  file_.clear();
  file_.seekg(static_cast<std::streamoff>(entry.offset));
  file_.read(reinterpret_cast<char*>(words.data()), static_cast<std::streamsize>(bytes));
  if (!file_) throw ConfigError(path_.string(), "cannot be read");
  if (crc_of(words.data(), bytes) != entry.crc) {
    throw ConfigError(path_.string(), "is damaged: checksum of the mask at byte " + number(entry.offset));
  }
  return words;
}

}  // namespace dixion
