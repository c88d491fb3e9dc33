// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "traces/image/weight_file.h"

namespace dixion {

/// What a linear layer of N columns and K inputs is made of.
struct LinearWeights {
  StoredTensor weight;        ///< I8 [N, K]
  std::vector<float> scales;  ///< [N] real value of one unit of each row of `weight`; empty without content
  std::vector<float> bias;    ///< [N] real; empty without content or bias
  bool has_bias = false;
};

/// Where the constant content of a network comes from.
class WeightSource {
 public:
  virtual ~WeightSource() = default;
  /// For messages.
  [[nodiscard]] virtual std::string where() const = 0;
  /// False: tensors come with shape and type but without bytes.
  [[nodiscard]] virtual bool has_content() const = 0;
  /// Tensor `name`; `type` and `shape` are what the graph needs. A file answers with the shape it holds, which the
  /// caller compares. Throws ConfigError(`user`, ...) if there is no such tensor or it has another type.
  [[nodiscard]] virtual StoredTensor tensor(const std::string& name, const std::string& type,
                                            const std::vector<std::uint64_t>& shape, const std::string& user) const = 0;
  /// The layer called `stem`; `columns` and `depth` are what the graph needs. As above the caller compares the shape of
  /// a file's weight. Throws ConfigError(`user`, ...) for other numbers of scales or biases and for values not finite.
  [[nodiscard]] virtual LinearWeights linear(const std::string& stem, std::uint64_t columns, std::uint64_t depth,
                                             const std::string& user) const = 0;
};

/// Weights of a safetensors file. A layer is <stem>.weight (I8), <stem>.weight_scale (F32) and perhaps <stem>.bias
/// (F32).
class StoredWeights final : public WeightSource {
 public:
  explicit StoredWeights(WeightFile file) : file_(std::move(file)) {}
  [[nodiscard]] std::string where() const override { return file_.path(); }
  [[nodiscard]] bool has_content() const override { return true; }
  [[nodiscard]] StoredTensor tensor(const std::string& name, const std::string& type,
                                    const std::vector<std::uint64_t>& shape, const std::string& user) const override;
  [[nodiscard]] LinearWeights linear(const std::string& stem, std::uint64_t columns, std::uint64_t depth,
                                     const std::string& user) const override;

 private:
  [[nodiscard]] std::vector<float> per_column(const std::string& name, std::uint64_t columns,
                                              const std::string& user) const;
  WeightFile file_;
};

/// Pseudo-random weights of the shapes that the graph asks for: real sizes and traffic without a trained network. The
/// same seed and name give the same tensor. Layers keep the variance of their input; every layer has a bias.
class RandomWeights final : public WeightSource {
 public:
  /// Without `content` no bytes are made.
  RandomWeights(std::uint64_t seed, bool content) : seed_(seed), content_(content) {}
  [[nodiscard]] std::string where() const override { return "random_weights"; }
  [[nodiscard]] bool has_content() const override { return content_; }
  [[nodiscard]] StoredTensor tensor(const std::string& name, const std::string& type,
                                    const std::vector<std::uint64_t>& shape, const std::string& user) const override;
  [[nodiscard]] LinearWeights linear(const std::string& stem, std::uint64_t columns, std::uint64_t depth,
                                     const std::string& user) const override;

 private:
  std::uint64_t seed_;
  bool content_;
};

}  // namespace dixion
