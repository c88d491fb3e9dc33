// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/image/tiny_network.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "traces/image/weight_file.h"

namespace dixion::test {
namespace {

using Rows = std::vector<std::vector<double>>;  ///< [tokens][width]

constexpr std::size_t kWidth = 32;
constexpr std::size_t kHeads = 2;
constexpr std::size_t kDepth = kWidth / kHeads;
constexpr std::size_t kTokens = 16;
constexpr std::size_t kPixels = 4;
constexpr std::size_t kLayers = 2;
constexpr std::size_t kTrainSteps = 20;
constexpr std::uint32_t kNone = 4;  // class of the second branch
constexpr double kLimit = 1.2;

double silu(double x) { return x / (1 + std::exp(-x)); }
double gelu(double x) { return x * std::erfc(-x / std::sqrt(2.0)) / 2; }

class Network {
 public:
  explicit Network(const std::filesystem::path& path) : file_(WeightFile::read(path)) {}

  [[nodiscard]] std::vector<double> linear(const std::string& stem, const std::vector<double>& x) const {
    const auto weight = file_.at(stem + ".weight", "I8", "test").values<std::int8_t>();
    const auto scale = file_.at(stem + ".weight_scale", "F32", "test").values<float>();
    const auto bias = file_.at(stem + ".bias", "F32", "test").values<float>();
    std::vector<double> y(bias.begin(), bias.end());
    for (std::size_t n = 0; n < y.size(); ++n) {
      for (std::size_t k = 0; k < x.size(); ++k)
        y[n] += x[k] * weight[n * x.size() + k] * static_cast<double>(scale[n]);
    }
    return y;
  }

  [[nodiscard]] std::vector<double> row(const std::string& table, std::size_t number) const {
    const auto values = file_.at(table, "I32", "test").values<std::int32_t>();
    std::vector<double> result(kWidth);
    for (std::size_t i = 0; i < kWidth; ++i) result[i] = values[number * kWidth + i] / 65536.0;
    return result;
  }

  [[nodiscard]] double alpha_bar(std::size_t step) const {
    return file_.at("alpha_bar", "F64", "test").values<double>()[step];
  }

  [[nodiscard]] std::vector<double> condition(std::size_t step, std::uint32_t label) const {
    const auto codes = file_.at("time_code", "I16", "test").values<std::int16_t>();
    std::vector<double> code(kWidth);
    for (std::size_t i = 0; i < kWidth; ++i) code[i] = codes[step * kWidth + i] * 0.0004885;
    std::vector<double> hidden = linear("t1", code);
    std::transform(hidden.begin(), hidden.end(), hidden.begin(), silu);
    std::vector<double> result = linear("t2", hidden);
    const std::vector<double> embedding = row("class_embedding", label);
    for (std::size_t i = 0; i < kWidth; ++i) result[i] = silu(result[i] + embedding[i]);
    return result;
  }

  /// [tokens][pixels] -> prediction of the same shape
  [[nodiscard]] Rows forward(const Rows& latent, std::size_t step, std::uint32_t label) const {
    const std::vector<double> c = condition(step, label);
    Rows x;
    for (std::size_t t = 0; t < kTokens; ++t) {
      x.push_back(linear("inp", latent[t]));
      const std::vector<double> position = row("position", t);
      for (std::size_t i = 0; i < kWidth; ++i) x[t][i] += position[i];
    }
    for (std::size_t layer = 0; layer < kLayers; ++layer) block("blocks." + std::to_string(layer) + ".", c, x);
    const std::vector<double> modulation = linear("ada", c);
    Rows result;
    for (const std::vector<double>& token : x)
      result.push_back(linear("out", norm(token, &modulation[0], &modulation[kWidth])));
    return result;
  }

 private:
  static std::vector<double> norm(const std::vector<double>& x, const double* shift, const double* scale) {
    double mean = 0;
    double variance = 0;
    for (const double value : x) mean += value / kWidth;
    for (const double value : x) variance += (value - mean) * (value - mean) / kWidth;
    std::vector<double> y(kWidth);
    for (std::size_t i = 0; i < kWidth; ++i)
      y[i] = (x[i] - mean) / std::sqrt(variance + 1e-6) * (1 + scale[i]) + shift[i];
    return y;
  }

  void block(const std::string& stem, const std::vector<double>& c, Rows& x) const {
    const std::vector<double> ada = linear(stem + "ada", c);
    const auto part = [&](std::size_t number) { return &ada[number * kWidth]; };
    Rows qkv;
    for (const std::vector<double>& token : x) qkv.push_back(linear(stem + "qkv", norm(token, part(0), part(1))));
    const Rows mixed = attention(qkv);
    for (std::size_t t = 0; t < kTokens; ++t) {
      const std::vector<double> o = linear(stem + "o", mixed[t]);
      for (std::size_t i = 0; i < kWidth; ++i) x[t][i] += part(2)[i] * o[i];
      std::vector<double> hidden = linear(stem + "f1", norm(x[t], part(3), part(4)));
      std::transform(hidden.begin(), hidden.end(), hidden.begin(), gelu);
      const std::vector<double> f2 = linear(stem + "f2", hidden);
      for (std::size_t i = 0; i < kWidth; ++i) x[t][i] += part(5)[i] * f2[i];
    }
  }

  static Rows attention(const Rows& qkv) {
    Rows result(kTokens, std::vector<double>(kWidth));
    for (std::size_t first = 0; first < kWidth; first += kDepth) {
      for (std::size_t t = 0; t < kTokens; ++t) {
        std::vector<double> weight(kTokens);
        double total = 0;
        for (std::size_t j = 0; j < kTokens; ++j) {
          double score = 0;
          for (std::size_t d = first; d < first + kDepth; ++d) score += qkv[t][d] * qkv[j][kWidth + d];
          weight[j] = std::exp(score / std::sqrt(static_cast<double>(kDepth)));
          total += weight[j];
        }
        for (std::size_t j = 0; j < kTokens; ++j) {
          for (std::size_t d = first; d < first + kDepth; ++d)
            result[t][d] += weight[j] / total * qkv[j][2 * kWidth + d];
        }
      }
    }
    return result;
  }

  WeightFile file_;
};

/// One DDIM step as the formula is usually written: from the clean picture and the noise that the prediction implies.
void ddim(Rows& latent, const Rows& v, double now, double next) {
  for (std::size_t t = 0; t < kTokens; ++t) {
    for (std::size_t p = 0; p < kPixels; ++p) {
      double& x = latent[t][p];
      const double clean = std::clamp(std::sqrt(now) * x - std::sqrt(1 - now) * v[t][p], -kLimit, kLimit);
      const double noise = (x - std::sqrt(now) * clean) / std::sqrt(1 - now);
      x = std::sqrt(next) * clean + std::sqrt(1 - next) * noise;
    }
  }
}

}  // namespace

std::vector<double> tiny_pictures(const std::filesystem::path& weights, const std::vector<std::int32_t>& noise,
                                  const std::vector<std::uint32_t>& classes, std::uint32_t steps, double guidance) {
  const Network network(weights);
  std::vector<double> pictures;
  for (std::size_t sample = 0; sample < classes.size(); ++sample) {
    Rows latent(kTokens, std::vector<double>(kPixels));
    for (std::size_t i = 0; i < kTokens * kPixels; ++i)
      latent[i / kPixels][i % kPixels] = noise[sample * kTokens * kPixels + i] / 65536.0;
    for (std::uint32_t k = 0; k < steps; ++k) {
      const auto step_at = [&](std::uint32_t number) { return (kTrainSteps - 1) * (steps - 1 - number) / (steps - 1); };
      Rows v = network.forward(latent, step_at(k), classes[sample]);
      const Rows plain = guidance > 0 ? network.forward(latent, step_at(k), kNone) : v;
      for (std::size_t i = 0; guidance > 0 && i < kTokens * kPixels; ++i) {
        double& value = v[i / kPixels][i % kPixels];
        value = plain[i / kPixels][i % kPixels] + guidance * (value - plain[i / kPixels][i % kPixels]);
      }
      ddim(latent, v, network.alpha_bar(step_at(k)), k + 1 < steps ? network.alpha_bar(step_at(k + 1)) : 1.0);
    }
    for (std::size_t y = 0; y < 8; ++y) {
      for (std::size_t x = 0; x < 8; ++x) pictures.push_back(latent[y / 2 * 4 + x / 2][y % 2 * 2 + x % 2]);
    }
  }
  return pictures;
}

}  // namespace dixion::test
