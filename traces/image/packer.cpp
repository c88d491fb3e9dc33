// SPDX-License-Identifier: Apache-2.0
#include "traces/image/packer.h"

#include "traces/image/lowering.h"
#include "traces/proto/text_config.h"

namespace dixion {

workload::Workload load_workload(const std::filesystem::path& path) {
  workload::Workload workload;
  parse_text_file(path, workload);
  return workload;
}

PackedImage pack_workload(const workload::Workload& workload, const std::filesystem::path& folder) {
  if (workload.weights().empty()) throw ConfigError("workload.weights", "names no file");
  const RunPlan plan = plan_run(workload);
  const WeightFile weights = WeightFile::read((folder / workload.weights()).lexically_normal());
  const auto scales = workload.scales().empty() ? std::map<std::string, double>()
                                                : read_scales((folder / workload.scales()).lexically_normal());
  const Graph graph = build_graph(workload, plan, scales);
  check_graph(graph, plan);
  ImageParts parts = lower(workload, plan, weights, graph);
  PackedImage image;
  image.output_shape = graph.tensors[parts.output_tensor].shape;
  image.bytes = write_image(std::move(parts));
  for (const GraphOperator& op : graph.operators) image.operator_names.push_back(op.name);
  image.sample_classes = plan.sample_classes;
  image.steps = plan.steps;
  image.samples = plan.samples;
  image.branches = plan.branches;
  return image;
}

}  // namespace dixion
