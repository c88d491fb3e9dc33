// SPDX-License-Identifier: Apache-2.0
/// reference_run WORKLOAD.textproto OUTPUT.bin [workload.path=value ...]: the final latent by the scalar reference.
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
  return stream ? 0 : 1;
} catch (const std::exception& error) {
  std::cerr << "reference_run: " << error.what() << '\n';
  return 1;
}
