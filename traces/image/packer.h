// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "traces/image/workload_summary.h"
#include "traces/proto/workload.pb.h"

/// From workload file to the image that firmware reads. How it goes: plan_run (run_plan.h), build_graph, techniques and
/// check_graph (graph.h), lower (lowering.h), write_image (image_writer.h).
namespace dixion {

struct PackedImage {
  std::vector<std::uint8_t> bytes;          ///< firmware/runtime/image_format.h; load at a multiple of its alignment
  std::uint64_t size = 0;                   ///< of the whole image; `bytes` may end before it
  std::vector<std::string> operator_names;  ///< by operator number, the one in the tag
  std::vector<std::string> sample_classes;  ///< what each picture was asked to be; "" without classes
  std::uint32_t steps = 0;
  std::uint32_t samples = 0;
  std::uint32_t branches = 0;
  std::vector<std::uint64_t> output_shape;  ///< of the OUTPUT tensor, INT32 Q16, [samples, ...]
};

/// Reads a workload description. Throws ConfigError.
workload::Workload load_workload(const std::filesystem::path& path);

/// What is packed of constant tensors.
enum class ImageContent {
  kAll,
  kTablesOnly,  ///< the image's bytes end where tensor data would begin: for timing mode
};

/// Packs a workload with its weights; `folder` is where the workload's file lies, its files are named relative to
/// it. The same input gives the same bytes. Throws ConfigError naming operator or tensor and what does not fit.
PackedImage pack_workload(const workload::Workload& workload, const std::filesystem::path& folder,
                          ImageContent content = ImageContent::kAll);

/// The workload in numbers; no weights are read. Throws ConfigError.
WorkloadSummary summarise_workload(const workload::Workload& workload, const std::filesystem::path& folder);

}  // namespace dixion
