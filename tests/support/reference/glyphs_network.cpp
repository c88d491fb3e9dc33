// SPDX-License-Identifier: Apache-2.0
#include "tests/support/reference/glyphs_network.h"

#include <algorithm>
#include <cmath>

namespace dixion::reference {
namespace {

constexpr double kQ16 = 1.0 / 65536;
constexpr Requant kIdentity{1, 0};

/// Columns [first, first + count) of src [batch, columns], as [batch, 1, count].
Tensor columns(const Tensor& src, std::size_t first, std::size_t count) {
  const std::size_t width = src.extent[3], rows = src.values.size() / width;
  Tensor dst({rows, 1, count});
  for (std::size_t row = 0; row < rows; ++row) {
    const auto from = src.values.begin() + static_cast<std::ptrdiff_t>(row * width + first);
    std::copy_n(from, count, dst.values.begin() + static_cast<std::ptrdiff_t>(row * count));
  }
  return dst;
}

/// Part 0 (q), 1 (k) or 2 (v) of qkv [batch, tokens, 3 * width] as [batch, heads, tokens, depth].
Tensor heads_of(const Tensor& qkv, std::size_t part, std::size_t heads) {
  const std::size_t batch = qkv.extent[1], tokens = qkv.extent[2], width = qkv.extent[3] / 3, depth = width / heads;
  Tensor dst({batch, heads, tokens, depth});
  std::size_t next = 0;
  for (std::size_t b = 0; b < batch; ++b) {
    for (std::size_t h = 0; h < heads; ++h) {
      for (std::size_t t = 0; t < tokens; ++t) {
        for (std::size_t d = 0; d < depth; ++d) {
          dst.values[next++] = qkv.values[(b * tokens + t) * 3 * width + part * width + h * depth + d];
        }
      }
    }
  }
  return dst;
}

/// [batch, heads, tokens, depth] -> [batch, tokens, heads * depth]
Tensor merge_heads(const Tensor& src) {
  const auto [batch, heads, tokens, depth] = src.extent;
  Tensor dst({batch, tokens, heads * depth});
  std::size_t next = 0;
  for (std::size_t b = 0; b < batch; ++b) {
    for (std::size_t t = 0; t < tokens; ++t) {
      for (std::size_t h = 0; h < heads; ++h) {
        for (std::size_t d = 0; d < depth; ++d) dst.values[next++] = src.at(b, h, t, d);
      }
    }
  }
  return dst;
}

/// Every `stride`-th sample of src [samples, ...] from `first` on; with repeat, each sample that many times in a row.
Tensor take_samples(const Tensor& src, std::size_t first, std::size_t stride, std::size_t repeat) {
  const std::size_t size = src.extent[2] * src.extent[3];
  Tensor dst({(src.extent[1] - first + stride - 1) / stride * repeat, src.extent[2], src.extent[3]});
  auto to = dst.values.begin();
  for (std::size_t sample = first; sample < src.extent[1]; sample += stride) {
    for (std::size_t i = 0; i < repeat; ++i) {
      to = std::copy_n(src.values.begin() + static_cast<std::ptrdiff_t>(sample * size), size, to);
    }
  }
  return dst;
}

std::int32_t rounded(double x) { return static_cast<std::int32_t>(std::round(x)); }

SamplerConstants constants_of(double abar, double next) {
  const double c = std::sqrt(1 - next) / std::sqrt(1 - abar), q24 = 16777216;
  return {rounded(std::sqrt(abar) * q24),
          rounded(-std::sqrt(1 - abar) * q24),
          rounded(c * q24),
          rounded((std::sqrt(next) - c * std::sqrt(abar)) * q24),
          rounded(2.0 * 65536),
          rounded(1.2 * 65536)};
}

}  // namespace

Tensor GlyphsNetwork::Linear::operator()(const Tensor& src, unsigned bits) const {
  return matrix_product(src, weight, bias, factors, bits);
}

GlyphsNetwork::Linear GlyphsNetwork::linear(const std::string& name, double scale_in, double scale_out) const {
  Linear result{Tensor(weights_.shape(name + ".weight"), weights_.integers(name + ".weight")), {}, {}};
  const std::vector<double> weight_scale = weights_.reals(name + ".weight_scale");
  const std::vector<double> bias = weights_.reals(name + ".bias");
  Saturations ignored = 0;
  for (std::size_t n = 0; n < bias.size(); ++n) {
    const double units = std::round(bias[n] / (scale_in * weight_scale[n]));
    result.bias.push_back(static_cast<std::int32_t>(saturate(static_cast<Wide>(units), 32, ignored)));
    result.factors.push_back(requant_of(scale_in * weight_scale[n] / scale_out));
  }
  return result;
}

GlyphsNetwork::GlyphsNetwork(const std::filesystem::path& folder)
    : weights_(folder / "glyphs.safetensors"), scales_(read_numbers(folder / "scales.json")) {
  t1_ = linear("t1", scale("time_code"), kQ16);
  t2_ = linear("t2", scale("t1_silu"), kQ16);
  inp_ = linear("inp", scale("latent"), kQ16);
  ada_ = linear("ada", scale("condition"), kQ16);
  out_ = linear("out", scale("final_norm"), kQ16);
  for (std::size_t number = 0; number < kLayers; ++number) {
    const std::string name = "blocks." + std::to_string(number) + ".";
    const double qkv = scale(name + "qkv"), depth = static_cast<double>(kWidth / kHeads);
    Layer layer;
    layer.ada = linear(name + "ada", scale("condition"), kQ16);
    layer.qkv = linear(name + "qkv", scale(name + "norm1"), qkv);
    layer.o = linear(name + "o", scale(name + "attention"), kQ16);
    layer.f1 = linear(name + "f1", scale(name + "norm2"), scale(name + "f1"));
    layer.f2 = linear(name + "f2", scale(name + "gelu"), kQ16);
    layer.norm1 = requant_of(kQ16 / scale(name + "norm1"));
    layer.score = requant_of(65536 * qkv * qkv * 1.4426950408889634 / std::sqrt(depth));
    layer.weighted = requant_of(qkv / scale(name + "attention"));
    layer.norm2 = requant_of(kQ16 / scale(name + "norm2"));
    layer.gelu_in = requant_of(scale(name + "f1") / kQ16);
    layer.gelu_out = requant_of(kQ16 / scale(name + "gelu"));
    layers_.push_back(std::move(layer));
  }
}

Tensor GlyphsNetwork::initial_latent(std::size_t samples, std::uint64_t seed, std::uint32_t first) {
  return {{samples, kTokens, kPixels}, noise(samples, kTokens * kPixels, seed, first, 0).values};
}

Tensor GlyphsNetwork::condition(unsigned train_step, const std::vector<unsigned>& classes) const {
  const std::vector<std::int32_t> codes = weights_.integers("time_code");
  const auto code = codes.begin() + static_cast<std::ptrdiff_t>(train_step * kWidth);
  const Tensor time({1, kWidth}, {code, code + kWidth});
  const Tensor hidden =
      activation(Activation::kSilu, t1_(time, 32), kIdentity, requant_of(kQ16 / scale("t1_silu")), 12);
  const Tensor embedding(weights_.shape("class_embedding"), weights_.integers("class_embedding"));
  Tensor chosen({classes.size(), kWidth});
  for (std::size_t row = 0; row < classes.size(); ++row) {
    for (std::size_t i = 0; i < kWidth; ++i) chosen.values[row * kWidth + i] = embedding.at(0, 0, classes[row], i);
  }
  const Tensor sum = add(t2_(hidden, 32), chosen, kIdentity);
  return activation(Activation::kSilu, sum, kIdentity, requant_of(kQ16 / scale("condition")), 12);
}

Tensor GlyphsNetwork::block(std::size_t number, const Tensor& x, const Tensor& condition, const Named& named) const {
  const Layer& layer = layers_[number];
  const std::string name = "blocks." + std::to_string(number) + ".";
  const Tensor ada = named(name + "ada", layer.ada(condition, 32));
  const auto part = [&ada](std::size_t index) { return columns(ada, index * kWidth, kWidth); };
  const Tensor shift1 = part(0), scale1 = part(1), gate1 = part(2), shift2 = part(3), scale2 = part(4), gate2 = part(5);
  const Tensor norm1 = named(name + "norm1", norm_modulate(x, &shift1, &scale1, layer.norm1, 4295));
  const Tensor qkv = named(name + "qkv", layer.qkv(norm1, 12));
  const Tensor heads = attention(heads_of(qkv, 0, kHeads), heads_of(qkv, 1, kHeads), heads_of(qkv, 2, kHeads),
                                 layer.score, layer.weighted);
  const Tensor merged = named(name + "attention", merge_heads(heads));
  const Tensor middle = named(name + "residual1", gated_residual(x, gate1, layer.o(merged, 32), kIdentity));
  const Tensor norm2 = named(name + "norm2", norm_modulate(middle, &shift2, &scale2, layer.norm2, 4295));
  const Tensor f1 = named(name + "f1", layer.f1(norm2, 12));
  const Tensor gelu = named(name + "gelu", activation(Activation::kGelu, f1, layer.gelu_in, layer.gelu_out, 12));
  return named(name + "residual2", gated_residual(middle, gate2, layer.f2(gelu, 32), kIdentity));
}

Tensor GlyphsNetwork::predict(const Tensor& latent, unsigned train_step, const std::vector<unsigned>& classes,
                              const Named& named) const {
  const Tensor condition_code = named("condition", condition(train_step, classes));
  const Tensor narrow = named("latent", convert(latent, requant_of(kQ16 / scale("latent")), 12));
  const Tensor position(weights_.shape("position"), weights_.integers("position"));
  Tensor x = named("embedded", add(inp_(narrow, 32), position, kIdentity));
  for (std::size_t number = 0; number < kLayers; ++number) x = block(number, x, condition_code, named);
  const Tensor ada = ada_(condition_code, 32);
  const Tensor shift = columns(ada, 0, kWidth), scale_part = columns(ada, kWidth, kWidth);
  const Requant factor = requant_of(kQ16 / scale("final_norm"));
  return named("prediction", out_(named("final_norm", norm_modulate(x, &shift, &scale_part, factor, 4295)), 32));
}

Tensor GlyphsNetwork::sample(const std::vector<unsigned>& classes, Tensor latent, unsigned steps,
                             const Observer& observe) const {
  const std::vector<double> abar = weights_.reals("alpha_bar");
  const auto visited = [steps](unsigned k) {
    return steps == 1 ? kTrainSteps - 1 : (kTrainSteps - 1) * (steps - 1 - k) / (steps - 1);
  };
  std::vector<unsigned> branches;  // of each sample: the class asked for, then none
  for (const unsigned asked : classes) branches.insert(branches.end(), {asked, kNullClass});
  for (unsigned k = 0; k < steps; ++k) {
    const Named named = [&](const std::string& name, const Tensor& tensor) -> const Tensor& {
      if (observe) observe(k, name, tensor);
      return tensor;
    };
    const Tensor v = predict(take_samples(latent, 0, 1, 2), visited(k), branches, named);
    const Tensor conditional = take_samples(v, 0, 2, 1), plain = take_samples(v, 1, 2, 1);
    const double next = k + 1 < steps ? abar[visited(k + 1)] : 1.0;
    latent = named("next", sampler_update(latent, conditional, &plain, constants_of(abar[visited(k)], next)));
  }
  return latent;
}

Tensor GlyphsNetwork::image(const Tensor& latent) {
  const std::size_t samples = latent.extent[1], side = 32;
  Tensor dst({samples, side, side});
  std::size_t next = 0;
  for (std::size_t sample = 0; sample < samples; ++sample) {
    for (std::size_t y = 0; y < side; ++y) {
      for (std::size_t x = 0; x < side; ++x) {
        dst.values[next++] = latent.at(0, sample, y / 2 * (side / 2) + x / 2, y % 2 * 2 + x % 2);
      }
    }
  }
  return dst;
}

}  // namespace dixion::reference
