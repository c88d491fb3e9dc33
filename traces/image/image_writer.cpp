// SPDX-License-Identifier: Apache-2.0
#include "traces/image/image_writer.h"

#include <bit>
#include <cstring>
#include <utility>

#include <boost/crc.hpp>

namespace dixion {
namespace {

static_assert(std::endian::native == std::endian::little, "records are copied as they are");

constexpr std::uint64_t kAlignment = 64;

std::uint64_t aligned(std::uint64_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

template <typename T>
void put(std::vector<std::uint8_t>& image, std::uint64_t offset, const T& record) {
  std::memcpy(image.data() + offset, &record, sizeof(T));
}

/// Of the tables.
std::uint32_t checksum(const std::vector<std::uint8_t>& image, const dixion_image_header_t& header) {
  boost::crc_32_type crc;
  crc.process_bytes(image.data() + sizeof header, header.data_offset - sizeof header);
  return crc.checksum();
}

std::vector<std::uint8_t> lay_out(ImageParts parts, bool with_data) {
  dixion_image_header_t header{};
  header.magic = DIXION_IMAGE_MAGIC;
  header.version = DIXION_IMAGE_VERSION;
  header.operator_count = static_cast<std::uint32_t>(parts.operators.size());
  header.operators_offset = sizeof(header);
  header.tensor_count = static_cast<std::uint32_t>(parts.tensors.size());
  header.tensors_offset = aligned(header.operators_offset + parts.operators.size() * sizeof(dixion_image_operator_t));
  header.steps = parts.steps;
  header.samples = parts.samples;
  header.branches = parts.branches;
  header.output_tensor = parts.output_tensor;
  header.st = parts.st;
  header.ctr = parts.ctr;
  header.ffn = parts.ffn;
  header.data_offset = aligned(header.tensors_offset + parts.tensors.size() * sizeof(dixion_image_tensor_t));
  header.size = header.data_offset;
  for (ImageTensor& tensor : parts.tensors) {
    if (tensor.record.parent != DIXION_IMAGE_NONE) continue;
    if (tensor.record.lifetime == DIXION_LIFETIME_DATA) {
      tensor.record.offset = header.size;
      header.size += aligned(tensor.record.size);
    } else {
      header.scratch_size += aligned(tensor.record.size);
    }
  }
  std::vector<std::uint8_t> image(with_data ? header.size : header.data_offset);
  for (std::size_t i = 0; i < parts.operators.size(); ++i) {
    put(image, header.operators_offset + i * sizeof(dixion_image_operator_t), parts.operators[i]);
  }
  for (std::size_t i = 0; i < parts.tensors.size(); ++i) {
    const ImageTensor& tensor = parts.tensors[i];
    put(image, header.tensors_offset + i * sizeof(dixion_image_tensor_t), tensor.record);
    if (with_data && !tensor.data.empty())
      std::memcpy(image.data() + tensor.record.offset, tensor.data.data(), tensor.data.size());
  }
  header.checksum = checksum(image, header);
  put(image, 0, header);
  return image;
}

}  // namespace

std::vector<std::uint8_t> write_image(ImageParts parts) { return lay_out(std::move(parts), true); }

std::vector<std::uint8_t> write_image_tables(ImageParts parts) { return lay_out(std::move(parts), false); }

std::uint64_t image_size(const std::vector<std::uint8_t>& image) {
  dixion_image_header_t header{};
  std::memcpy(&header, image.data(), sizeof header);
  return header.size;
}

}  // namespace dixion
