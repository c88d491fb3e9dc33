// SPDX-License-Identifier: Apache-2.0
#include "traces/image/packer.h"

#include <map>
#include <memory>

#include "traces/image/lowering.h"
#include "traces/image/weight_source.h"
#include "traces/proto/text_config.h"

namespace dixion {

namespace {

std::unique_ptr<WeightSource> open_weights(const workload::Workload& workload, const std::filesystem::path& folder,
                                           ImageContent content) {
  if (workload.has_random_weights()) {
    if (!workload.weights().empty() || !workload.scales().empty())
      throw ConfigError("workload.random_weights", "stands in place of 'weights' and 'scales'; there are both");
    return std::make_unique<RandomWeights>(workload.random_weights().seed(), content == ImageContent::kAll);
  }
  if (workload.weights().empty()) throw ConfigError("workload.weights", "names no file");
  return std::make_unique<StoredWeights>(WeightFile::read((folder / workload.weights()).lexically_normal()));
}

std::map<std::string, double> scales_of(const workload::Workload& workload, const std::filesystem::path& folder) {
  if (workload.scales().empty()) return {};
  return read_scales((folder / workload.scales()).lexically_normal());
}

Graph graph_of(const workload::Workload& workload, const std::filesystem::path& folder, const RunPlan& plan) {
  Graph graph = build_graph(workload, plan, scales_of(workload, folder));
  apply_ffn_reuse(workload, graph);
  apply_eager_prediction(workload, graph);
  apply_softmax_thresholding(workload, graph);
  apply_cached_token_reuse(workload, plan, graph);
  check_graph(graph, plan);
  return graph;
}

}  // namespace

workload::Workload load_workload(const std::filesystem::path& path) {
  workload::Workload workload;
  parse_text_file(path, workload);
  return workload;
}

PackedImage pack_workload(const workload::Workload& workload, const std::filesystem::path& folder,
                          ImageContent content) {
  const RunPlan plan = plan_run(workload);
  const auto weights = open_weights(workload, folder, content);
  const Graph graph = graph_of(workload, folder, plan);
  ImageParts parts = lower(workload, plan, *weights, graph);
  PackedImage image;
  image.output_shape = graph.tensors[parts.output_tensor].shape;
  image.bytes = content == ImageContent::kAll ? write_image(std::move(parts)) : write_image_tables(std::move(parts));
  image.size = image_size(image.bytes);
  for (const GraphOperator& op : graph.operators) image.operator_names.push_back(op.name);
  image.sample_classes = plan.sample_classes;
  image.steps = plan.steps;
  image.samples = plan.samples;
  image.branches = plan.branches;
  return image;
}

WorkloadSummary summarise_workload(const workload::Workload& workload, const std::filesystem::path& folder) {
  const RunPlan plan = plan_run(workload);
  const Graph graph = graph_of(workload, folder, plan);
  return summarise(graph, plan);
}

}  // namespace dixion
