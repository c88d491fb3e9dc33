// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/support/reference/operators.h"
#include "tests/support/reference/weights_file.h"

namespace dixion::reference {

/// The whole glyph network and its sampler on the scalar reference: what a run of workload `glyphs` must give, bit for
/// bit. Reads the committed weights and scales; real scales become integers as docs/numerics.md section 12 says.
class GlyphsNetwork {
 public:
  static constexpr std::size_t kTokens = 256, kPixels = 4, kWidth = 128, kHeads = 4, kLayers = 4;
  static constexpr unsigned kNullClass = 16, kTrainSteps = 1000;
  /// Sees every named tensor of a step, in the order of computation; "next" is the latent after the step.
  using Observer = std::function<void(unsigned step, const std::string& name, const Tensor&)>;

  /// `folder` holds glyphs.safetensors and scales.json.
  explicit GlyphsNetwork(const std::filesystem::path& folder);

  /// The start noise [samples, 256, 4] Q16 of samples first...first + samples - 1.
  static Tensor initial_latent(std::size_t samples, std::uint64_t seed, std::uint32_t first);

  /// Guided DDIM from `latent` [samples, 256, 4] Q16, one class (0...15) per sample; the clean latent.
  [[nodiscard]] Tensor sample(const std::vector<unsigned>& classes, Tensor latent, unsigned steps = 50,
                              const Observer& observe = {}) const;

  /// Row-major pictures [samples, 32, 32] of a latent.
  static Tensor image(const Tensor& latent);

 private:
  struct Linear {
    Tensor weight;
    std::vector<std::int32_t> bias;
    std::vector<Requant> factors;
    [[nodiscard]] Tensor operator()(const Tensor& src, unsigned bits) const;
  };
  struct Layer {
    Linear ada, qkv, o, f1, f2;
    Requant norm1, score, weighted, norm2, gelu_in, gelu_out;
  };
  using Named = std::function<const Tensor&(const std::string& name, const Tensor&)>;

  [[nodiscard]] Linear linear(const std::string& name, double scale_in, double scale_out) const;
  [[nodiscard]] double scale(const std::string& name) const { return scales_.at(name); }
  [[nodiscard]] Tensor condition(unsigned train_step, const std::vector<unsigned>& classes) const;
  [[nodiscard]] Tensor block(std::size_t number, const Tensor& x, const Tensor& condition, const Named& named) const;
  [[nodiscard]] Tensor predict(const Tensor& latent, unsigned train_step, const std::vector<unsigned>& classes,
                               const Named& named) const;

  WeightsFile weights_;
  std::map<std::string, double> scales_;
  Linear t1_, t2_, inp_, out_, ada_;
  std::vector<Layer> layers_;
};

}  // namespace dixion::reference
