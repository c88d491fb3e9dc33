// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "models/common/numeric_tables.h"
#include "tests/support/reference/operators.h"

namespace dixion::reference {
namespace {

std::array<std::size_t, 4> broadcast(const Tensor& a, const Tensor& b) {
  std::array<std::size_t, 4> extent{};
  for (std::size_t i = 0; i < 4; ++i) extent[i] = std::max(a.extent[i], b.extent[i]);
  return extent;
}

/// A tensor of these extents whose every element is f(indices).
template <typename Function>
Tensor generate(const std::array<std::size_t, 4>& extent, Function f) {
  Tensor dst(std::vector<std::size_t>(extent.begin(), extent.end()));
  std::size_t next = 0;
  for (std::size_t i = 0; i < extent[0]; ++i) {
    for (std::size_t j = 0; j < extent[1]; ++j) {
      for (std::size_t k = 0; k < extent[2]; ++k) {
        for (std::size_t l = 0; l < extent[3]; ++l) {
          dst.values[next++] = static_cast<std::int32_t>(f(i, j, k, l, dst.saturated));
        }
      }
    }
  }
  return dst;
}

/// f of every element.
template <typename Function>
Tensor map(const Tensor& src, Function f) {
  Tensor dst(std::vector<std::size_t>(src.extent.begin(), src.extent.end()));
  for (std::size_t i = 0; i < src.values.size(); ++i) {
    dst.values[i] = static_cast<std::int32_t>(f(src.values[i], dst.saturated));
  }
  return dst;
}

}  // namespace

Tensor norm_modulate(const Tensor& src, const Tensor* shift, const Tensor* scale, Requant output,
                     std::uint32_t epsilon) {
  const std::size_t rows = src.extent[2], depth = src.extent[3];
  const auto depth_wide = static_cast<Wide>(depth);
  Tensor dst(std::vector<std::size_t>(src.extent.begin(), src.extent.end()));
  std::vector<std::int64_t> c(depth);
  for (std::size_t row = 0; row < src.extent[0] * src.extent[1] * rows; ++row) {
    const std::size_t batch = row / rows;
    const std::int32_t* x = src.values.data() + row * depth;
    Wide sum = 0, squares = 0;
    for (std::size_t i = 0; i < depth; ++i) sum += x[i];
    const Wide mean = rdiv(sum, depth_wide);
    for (std::size_t i = 0; i < depth; ++i) {
      c[i] = saturate(x[i] - mean, 26, dst.saturated);
      squares += c[i] * c[i];
    }
    const auto variance = static_cast<std::uint64_t>((squares + depth_wide / 2) / depth_wide) + epsilon;
    const InverseRoot root = rsqrt(variance);
    for (std::size_t i = 0; i < depth; ++i) {
      const Wide n = rshr(Wide{c[i]} * root.root, static_cast<unsigned>(29 + root.exponent / 2));
      Wide y = n;
      if (scale != nullptr) y += rshr(n * scale->at(0, batch, 0, i), 16);
      if (shift != nullptr) y += shift->at(0, batch, 0, i);
      dst.values[row * depth + i] = static_cast<std::int32_t>(requant(y, output, 12, dst.saturated));
    }
  }
  return dst;
}

Tensor group_norm(const Tensor& src, const Tensor* shift, const Tensor* scale, Requant output, std::uint32_t epsilon,
                  std::size_t groups) {
  const std::size_t positions = src.extent[2], channels = src.extent[3], width = channels / groups;
  const auto count = static_cast<Wide>(positions * width);
  Tensor dst(std::vector<std::size_t>(src.extent.begin(), src.extent.end()));
  for (std::size_t batch = 0; batch < src.extent[1]; ++batch) {
    for (std::size_t first = 0; first < channels; first += width) {
      const auto each = [&](auto visit) {
        for (std::size_t t = 0; t < positions; ++t) {
          for (std::size_t c = first; c < first + width; ++c) visit(t, c, Wide{src.at(0, batch, t, c)});
        }
      };
      Wide sum = 0, squares = 0;
      each([&](auto, auto, Wide x) { sum += x; });
      const Wide mean = rdiv(sum, count);
      each([&](auto, auto, Wide x) {
        const Wide centred = saturate(x - mean, 26, dst.saturated);
        squares += centred * centred;
      });
      const InverseRoot root = rsqrt(static_cast<std::uint64_t>((squares + count / 2) / count) + epsilon);
      Saturations counted_before = 0;
      each([&](auto t, auto c, Wide x) {
        const Wide centred = saturate(x - mean, 26, counted_before);
        const Wide n = rshr(centred * root.root, static_cast<unsigned>(29 + root.exponent / 2));
        const Wide scaled = scale == nullptr ? 0 : rshr(n * scale->at(0, batch, 0, c), 16);
        const Wide y = n + scaled + (shift == nullptr ? 0 : shift->at(0, batch, 0, c));
        dst.values[(batch * positions + t) * channels + c] =
            static_cast<std::int32_t>(requant(y, output, 12, dst.saturated));
      });
    }
  }
  return dst;
}

std::int32_t activate(Activation function, std::int32_t x) {
  if (function == Activation::kRelu) return std::max(x, 0);
  const unsigned step = function == Activation::kSilu ? 11 : 10;  // table entries are 2^step apart
  const std::int64_t end = std::int64_t{512} << step;
  if (x >= end) return x;
  if (x < -end) return 0;
  const std::int32_t* table = function == Activation::kGelu       ? tables::kGelu.data()
                              : function == Activation::kGeluTanh ? tables::kGeluTanh.data()
                                                                  : tables::kSilu.data();
  const std::int64_t offset = x + end;
  const std::int64_t remainder = offset & ((std::int64_t{1} << step) - 1);
  return static_cast<std::int32_t>(lerp(table, static_cast<std::size_t>(offset >> step), remainder, step));
}

Tensor activation(Activation function, const Tensor& src, Requant input, Requant output, unsigned bits) {
  return map(src, [&](std::int32_t value, Saturations& count) {
    const auto x = static_cast<std::int32_t>(requant(value, input, 32, count));
    return requant(activate(function, x), output, bits, count);
  });
}

Tensor geglu(const Tensor& src, Requant input, Requant output, unsigned bits) {
  const std::size_t width = src.extent[3] / 2;
  return generate({src.extent[0], src.extent[1], src.extent[2], width},
                  [&](auto i, auto j, auto k, auto l, Saturations& count) {
                    const Wide value = requant(src.at(i, j, k, l), input, 32, count);
                    const auto gate = static_cast<std::int32_t>(requant(src.at(i, j, k, width + l), input, 32, count));
                    return requant(rshr(value * activate(Activation::kGelu, gate), 16), output, bits, count);
                  });
}

Tensor modulate(const Tensor& src, const Tensor* shift, const Tensor* scale, Requant input, Requant output,
                unsigned bits) {
  return generate(src.extent, [&](auto i, auto j, auto k, auto l, Saturations& count) {
    const Wide x = requant(src.at(i, j, k, l), input, 32, count);
    const Wide scaled = scale == nullptr ? 0 : rshr(x * scale->at(0, j, 0, l), 16);
    return requant(x + scaled + (shift == nullptr ? 0 : shift->at(0, j, 0, l)), output, bits, count);
  });
}

Tensor rotary(const Tensor& src, const Tensor& table, Requant output) {
  return generate(src.extent, [&](auto i, auto j, auto k, auto l, Saturations& count) {
    const std::size_t even = l / 2 * 2;
    const Wide own = src.at(i, j, k, l), partner = src.at(i, j, k, l == even ? l + 1 : even);
    const Wide cosine = table.at(0, 0, k, even), sine = table.at(0, 0, k, even + 1);
    return requant(own * cosine + (l == even ? -partner : partner) * sine, output, 12, count);
  });
}

Tensor add(const Tensor& a, const Tensor& b, Requant factor) {
  return generate(broadcast(a, b), [&](auto i, auto j, auto k, auto l, Saturations& count) {
    return saturate(Wide{a.at(i, j, k, l)} + requant(b.at(i, j, k, l), factor, 32, count), 32, count);
  });
}

Tensor gated_residual(const Tensor& x, const Tensor& gate, const Tensor& h, Requant factor) {
  return generate(broadcast(x, h), [&](auto i, auto j, auto k, auto l, Saturations& count) {
    const Wide branch = Wide{gate.at(i, j, k, l)} * requant(h.at(i, j, k, l), factor, 32, count);
    return saturate(x.at(i, j, k, l) + rshr(branch, 16), 32, count);
  });
}

Tensor convert(const Tensor& src, Requant factor, unsigned bits) {
  return map(src, [&](std::int32_t value, Saturations& count) { return requant(value, factor, bits, count); });
}

Tensor sampler_update(const Tensor& x, const Tensor& cond, const Tensor* uncond, const SamplerConstants& constants) {
  return generate(x.extent, [&](auto i, auto j, auto k, auto l, Saturations& count) {
    const Wide latent = x.at(i, j, k, l);
    Wide g = cond.at(i, j, k, l);
    if (uncond != nullptr) {
      const Wide plain = uncond->at(i, j, k, l);
      g = saturate(plain + rshr(constants.guidance * (g - plain), 16), 32, count);
    }
    const Wide limit = constants.limit;
    const Wide clean = std::clamp(rshr(constants.a * latent + constants.b * g, 24), -limit, limit);
    return saturate(rshr(constants.c * latent + constants.d * clean, 24), 32, count);
  });
}

Tensor noise(std::size_t samples, std::size_t elements, std::uint64_t seed, std::uint32_t first_sample,
             std::uint32_t stream) {
  return generate({1, 1, samples, elements}, [&](auto, auto, auto sample, auto i, Saturations&) {
    const auto block =
        philox4x32({static_cast<std::uint32_t>(i >> 2), 0, first_sample + static_cast<std::uint32_t>(sample), stream},
                   {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)});
    return normal(block[i & 3]);
  });
}

}  // namespace dixion::reference
