// SPDX-License-Identifier: Apache-2.0
/// reference_run WORKLOAD.textproto OUTPUT.bin [workload.path=value ...]: the final latent by the scalar reference.
/// With masks, as they stand at the end: OUTPUT.bin.<layer>.pbm, a row per query of all samples, branches and heads.
#include <algorithm>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "platform/settings.h"
#include "tests/support/image_runner.h"
#include "traces/image/packer.h"

namespace {

/// Portable bitmap, packed kind: a bit per key, black is kept.
void write_masks(const dixion::reference::ImageRunner& runner, const std::string& stem) {
  for (std::uint32_t i = 0; i < runner.header().operator_count; ++i) {
    const dixion_image_operator_t& op = runner.operator_record(i);
    if (op.opcode != DIXION_OPCODE_ATTENTION_MARK) continue;
    const dixion::reference::Tensor mask = runner.load(op.operands[4]);
    const std::size_t words = mask.extent[3], rows = mask.values.size() / words,
                      keys = runner.load(op.operands[1]).extent[2];
    const std::size_t tile = std::max(1U, op.immediates[2] >> 24), columns = (keys + tile - 1) / tile;
    std::ofstream file(stem + "." + std::to_string(op.layer) + ".pbm", std::ios::binary);
    file << "P4\n" << columns << ' ' << rows << '\n';
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t begin = 0; begin < columns; begin += 8) {
        unsigned byte = 0;
        for (std::size_t j = begin; j < std::min(begin + 8, columns); ++j) {
          const auto word = static_cast<std::uint32_t>(mask.values[row * words + j / 32]);
          byte |= (word >> j % 32 & 1) << (7 - (j - begin));
        }
        file.put(static_cast<char>(byte));
      }
    }
  }
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 3) {
    std::cerr << "reference_run WORKLOAD.textproto OUTPUT.bin [workload.path=value ...]\n";
    return 2;
  }
  const std::filesystem::path file = argv[1];
  dixion::workload::Workload workload = dixion::load_workload(file);
  dixion::apply_settings("workload", std::vector<std::string>(argv + 3, argv + argc), workload);
  dixion::reference::ImageRunner runner(dixion::pack_workload(workload, file.parent_path()).bytes);
  const dixion::reference::Tensor output = runner.run();
  std::ofstream stream(argv[2], std::ios::binary);
  for (const std::int64_t value : output.values) {
    const auto narrow = static_cast<std::int32_t>(value);
    stream.write(reinterpret_cast<const char*>(&narrow), sizeof narrow);
  }
  write_masks(runner, argv[2]);
  return stream ? 0 : 1;
} catch (const std::exception& error) {
  std::cerr << "reference_run: " << error.what() << '\n';
  return 1;
}
