// SPDX-License-Identifier: Apache-2.0
#include "traces/image/run_plan.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "traces/image/fixed_point.h"
#include "traces/proto/text_config.h"

namespace dixion {
namespace {

constexpr std::uint32_t kMostSteps = 1023;    // the tag has 10 bits, one value means "no step"
constexpr std::uint32_t kMostSamples = 4096;  // far beyond what fits memory; keeps sizes away from overflow
constexpr int kSamplerFraction = 24;
constexpr int kFixedPointFraction = 16;

[[noreturn]] void out_of_range(const std::string& key, double value, const std::string& expected) {
  std::string text = std::to_string(value);
  if (value == std::floor(value)) text.resize(text.find('.'));
  throw ConfigError("workload." + key, text + " is out of range; expected " + expected);
}

/// "3,7,A" or, with names of one character, "37A" -> names.
std::vector<std::string> split_classes(const std::string& classes, const std::vector<std::string>& names) {
  std::vector<std::string> result;
  const bool word = classes.find(',') == std::string::npos &&
                    std::all_of(names.begin(), names.end(), [](const std::string& name) { return name.size() == 1; });
  if (word) {
    for (const char c : classes) result.emplace_back(1, c);
    return result;
  }
  for (std::size_t begin = 0; begin <= classes.size();) {
    const std::size_t comma = std::min(classes.find(',', begin), classes.size());
    std::string name = classes.substr(begin, comma - begin);
    name.erase(0, std::min(name.find_first_not_of(' '), name.size()));
    name.erase(name.find_last_not_of(' ') + 1);
    result.push_back(std::move(name));
    begin = comma + 1;
  }
  return result;
}

void plan_classes(const workload::Workload& workload, RunPlan& plan) {
  const auto& conditioning = workload.conditioning();
  std::vector<std::string> names(conditioning.class_names().begin(), conditioning.class_names().end());
  if (names.empty()) {
    for (std::uint32_t i = 0; i < conditioning.class_count(); ++i) names.push_back(std::to_string(i));
  } else if (conditioning.class_count() != 0) {
    throw ConfigError("workload.conditioning", "has both class_names and class_count");
  }
  if (names.empty()) {
    if (!workload.classes().empty()) throw ConfigError("workload.classes", "the network knows no classes");
    plan.samples = std::max(1U, workload.samples());
    plan.sample_classes.assign(plan.samples, "");
    return;
  }
  if (workload.classes().empty())
    throw ConfigError("workload.classes", "is empty; known" + suggestion("", names).substr(7));
  std::vector<std::uint32_t> asked;
  const std::vector<std::string> wanted = split_classes(workload.classes(), names);
  for (const std::string& name : wanted) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end())
      throw ConfigError("workload.classes", "unknown class '" + name + "'" + suggestion(name, names));
    asked.push_back(static_cast<std::uint32_t>(found - names.begin()));
  }
  const std::uint64_t samples = workload.samples() == 0 ? asked.size() : workload.samples();
  if (samples > kMostSamples)
    out_of_range("samples", static_cast<double>(samples), "1 to " + std::to_string(kMostSamples));
  plan.samples = static_cast<std::uint32_t>(samples);
  for (std::uint32_t sample = 0; sample < plan.samples; ++sample) {
    plan.sample_classes.push_back(wanted[sample % wanted.size()]);
    plan.row_classes.push_back(asked[sample % asked.size()]);
    if (plan.branches == 2) plan.row_classes.push_back(conditioning.null_class());
  }
}

/// Share of signal variance left after training step t.
std::vector<double> signal_shares(const workload::Sampler& sampler, const WeightSource& weights) {
  const std::uint32_t count = sampler.train_steps();
  if (sampler.schedule() == workload::Sampler::STORED) {
    const std::string user = "workload.sampler.alpha_bar";
    const StoredTensor stored = weights.tensor(sampler.alpha_bar(), "F64", {count}, user);
    if (stored.shape != std::vector<std::uint64_t>{count}) {
      throw ConfigError(user, "tensor '" + stored.name + "' is " + stored.describe() + ", expected F64 [" +
                                  std::to_string(count) + "]");
    }
    return stored.values<double>();
  }
  const bool cosine = sampler.schedule() == workload::Sampler::COSINE;
  const bool scaled = sampler.schedule() == workload::Sampler::SCALED_LINEAR;
  const double first = scaled ? std::sqrt(sampler.beta_first()) : sampler.beta_first();
  const double last = scaled ? std::sqrt(sampler.beta_last()) : sampler.beta_last();
  if (!cosine && !(first > 0 && last >= first && last < 1)) {
    throw ConfigError("workload.sampler.beta_first", "must be above 0 and not above beta_last, which is below 1");
  }
  const auto cosine_share = [count](std::uint32_t t) {
    const double angle = std::acos(-1.0) / 2 * (static_cast<double>(t) / count + 0.008) / 1.008;
    return std::cos(angle) * std::cos(angle);
  };
  std::vector<double> shares;
  double share = 1;
  for (std::uint32_t t = 0; t < count; ++t) {
    double beta = count == 1 ? first : first + (last - first) * t / (count - 1);
    if (scaled) beta *= beta;
    if (cosine) beta = std::min(0.999, 1 - cosine_share(t + 1) / cosine_share(t));
    share *= 1 - beta;
    shares.push_back(share);
  }
  return shares;
}

/// a, b, c, d in real numbers for a step with signal share `now` whose next step has `next`.
std::array<double, 4> ddim(const workload::Sampler& sampler, double now, double next) {
  const double signal = std::sqrt(now);
  const double noise = std::sqrt(1 - now);
  const auto prediction = sampler.prediction();
  if (prediction == workload::Sampler::NOISE && sampler.clip() == 0) {
    // The clean picture is not needed, and 1 / signal would not fit its number.
    return {0, 1, std::sqrt(next) / signal, std::sqrt(1 - next) - std::sqrt(next) * noise / signal};
  }
  const double c = std::sqrt(1 - next) / noise;
  const double d = std::sqrt(next) - c * signal;
  switch (prediction) {
    case workload::Sampler::NOISE:
      return {1 / signal, -noise / signal, c, d};
    case workload::Sampler::CLEAN:
      return {0, 1, c, d};
    default:
      return {signal, -noise, c, d};
  }
}

}  // namespace

std::vector<std::uint32_t> visited_steps(std::uint32_t steps, std::uint32_t train_steps,
                                         workload::Sampler::Spacing spacing) {
  std::vector<std::uint32_t> visited;
  for (std::uint32_t k = 0; k < steps; ++k) {
    if (spacing == workload::Sampler::LEADING) {
      visited.push_back(train_steps / steps * (steps - 1 - k));
      continue;
    }
    const std::uint64_t left = std::uint64_t{train_steps - 1} * (steps - 1 - k);
    visited.push_back(steps == 1 ? train_steps - 1 : static_cast<std::uint32_t>(left / (steps - 1)));
  }
  return visited;
}

RunPlan plan_run(const workload::Workload& workload) {
  RunPlan plan;
  const std::uint32_t most = std::min(kMostSteps, workload.sampler().train_steps());
  if (most == 0) throw ConfigError("workload.sampler.train_steps", "must be at least 1");
  if (workload.steps() < 1 || workload.steps() > most) {
    out_of_range("steps", workload.steps(), "1 to " + std::to_string(most));
  }
  if (!(workload.guidance() >= 0 && workload.guidance() < 1000))
    out_of_range("guidance", workload.guidance(), "0 to 1000");
  if (!(workload.sampler().clip() >= 0 && workload.sampler().clip() < 32768)) {
    out_of_range("sampler.clip", workload.sampler().clip(), "0 to below 32768");
  }
  if (workload.samples() > kMostSamples)
    out_of_range("samples", workload.samples(), "1 to " + std::to_string(kMostSamples));
  plan.steps = workload.steps();
  plan.branches = workload.guidance() > 0 ? 2 : 1;
  plan.visited_steps = visited_steps(plan.steps, workload.sampler().train_steps(), workload.sampler().spacing());
  plan_classes(workload, plan);
  return plan;
}

std::vector<std::array<std::int32_t, 6>> sampler_constants(const workload::Workload& workload, const RunPlan& plan,
                                                           const WeightSource& weights) {
  const workload::Sampler& sampler = workload.sampler();
  const std::string user = "workload.sampler.alpha_bar";
  const std::vector<double> alpha_bar = signal_shares(sampler, weights);
  const std::int32_t guidance = fixed_point(workload.guidance(), kFixedPointFraction, "workload.guidance");
  const std::int32_t limit = sampler.clip() == 0
                                 ? std::numeric_limits<std::int32_t>::max()
                                 : fixed_point(sampler.clip(), kFixedPointFraction, "workload.sampler.clip");
  std::vector<std::array<std::int32_t, 6>> table;
  for (std::uint32_t k = 0; k < plan.steps; ++k) {
    const double now = alpha_bar[plan.visited_steps[k]];
    const double next = k + 1 < plan.steps ? alpha_bar[plan.visited_steps[k + 1]] : 1.0;
    if (!(now > 0 && now < 1 && next > 0 && next <= 1)) throw ConfigError(user, "shares must lie between 0 and 1");
    const auto exact = ddim(sampler, now, next);
    std::array<std::int32_t, 6> row{0, 0, 0, 0, guidance, limit};
    for (std::size_t i = 0; i < exact.size(); ++i) row[i] = fixed_point(exact[i], kSamplerFraction, user);
    table.push_back(row);
  }
  return table;
}

}  // namespace dixion
