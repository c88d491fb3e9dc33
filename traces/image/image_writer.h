// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "firmware/runtime/image_format.h"

namespace dixion {

/// A tensor of the image with its content, if it is constant.
struct ImageTensor {
  dixion_image_tensor_t record{};
  std::vector<std::uint8_t> data;
};

/// What an image is made of, before offsets are known.
struct ImageParts {
  std::vector<ImageTensor> tensors;
  std::vector<dixion_image_operator_t> operators;
  std::uint32_t steps = 0;
  std::uint32_t samples = 0;
  std::uint32_t branches = 0;
  std::uint32_t output_tensor = 0;
  dixion_image_reuse_t st{}, ctr{}, ffn{};
};

/// Lays the parts out as firmware/runtime/image_format.h says: header, operators, tensors, data; every part starts at
/// a multiple of 64 bytes. The same parts give the same bytes.
std::vector<std::uint8_t> write_image(ImageParts parts);

/// The same image cut off where tensor data begins.
std::vector<std::uint8_t> write_image_tables(ImageParts parts);

/// Bytes of the whole image, as the header at the start of `image` says.
std::uint64_t image_size(const std::vector<std::uint8_t>& image);

}  // namespace dixion
