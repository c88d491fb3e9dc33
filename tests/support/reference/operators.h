// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

#include "tests/support/reference/primitives.h"

/// One function per operator of docs/numerics.md; the section is named at each. Operands must have the shapes and value
/// ranges stated: nothing is checked here, whole networks run on this code.
namespace dixion::reference {

/// A dense row-major tensor of any integer format, one int32 per element. Fewer than four extents mean leading ones.
struct Tensor {
  std::array<std::size_t, 4> extent{1, 1, 1, 1};
  std::vector<std::int32_t> values;
  Saturations saturated = 0;  ///< what the operator that made it counted

  Tensor() = default;
  explicit Tensor(std::vector<std::size_t> extents);
  Tensor(std::vector<std::size_t> extents, std::vector<std::int32_t> contents);
  [[nodiscard]] std::size_t size() const { return extent[0] * extent[1] * extent[2] * extent[3]; }
  /// The element at this index; an extent of 1 serves every index.
  [[nodiscard]] std::int32_t at(std::size_t i, std::size_t j, std::size_t k, std::size_t l) const;
};

/// Section 3. src [batch, M, K], weight [N, K] or [batch, N, K], bias [N] or empty, factors one per column or one for
/// all -> [batch, M, N] of `bits` bits (12, 16, 32).
Tensor matrix_product(const Tensor& src, const Tensor& weight, const std::vector<std::int32_t>& bias,
                      const std::vector<Requant>& factors, unsigned bits);

/// Section 5. q [batch, heads, Tq, D], k and v [batch, heads, Tk, D], INT12 -> like q.
Tensor attention(const Tensor& q, const Tensor& k, const Tensor& v, Requant score, Requant output);

/// Elements that one bit of a mask stands for.
struct TileSize {
  std::size_t queries = 1, keys = 1;
};

/// Section 18: attention() and the mask [batch, heads, Tq, ceil(Tk / 32)] it marks, with tiles a row per tile of
/// queries and a bit per tile of keys; one 32-bit word per value.
Tensor attention_mark(const Tensor& q, const Tensor& k, const Tensor& v, Requant score, Requant output,
                      std::uint32_t threshold, Tensor& mask, TileSize tile = {});

/// Section 18. Every row of the mask keeps a key.
Tensor attention_masked(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& mask, Requant score,
                        Requant output, TileSize tile = {});

/// Section 19. src [batch, T, N] INT12 -> [batch, T, ceil(N / 32)]; one 32-bit word per value.
Tensor mask_threshold(const Tensor& src, std::uint32_t threshold);

/// Section 19: matrix_product(), and the raw sums of bias and inputs that the mask [batch, M, ceil(K / 32)] leaves out.
Tensor product_partial(const Tensor& src, const Tensor& weight, const std::vector<std::int32_t>& bias,
                       const std::vector<Requant>& factors, const Tensor& mask, unsigned bits, Tensor& partial);

/// Section 19. partial [batch, M, N] and the marked inputs.
Tensor product_resume(const Tensor& src, const Tensor& weight, const std::vector<Requant>& factors, const Tensor& mask,
                      const Tensor& partial, unsigned bits);

/// Section 19. mask [batch, M, ceil(N / shares / 32)] of outputs; the others are 0.
Tensor product_masked(const Tensor& src, const Tensor& weight, const std::vector<std::int32_t>& bias,
                      const std::vector<Requant>& factors, const Tensor& mask, std::size_t shares, unsigned bits);

/// Section 20. latent and previous [samples, T, C], list as it stood before -> the list's new words.
Tensor token_decision(const Tensor& latent, const Tensor& previous, const Tensor& list, std::uint32_t branches,
                      std::uint32_t threshold, std::uint32_t share);

/// Section 7. src [batch, T, D] Q16, shift and scale [batch, 1, D] or [1, 1, D] Q16 or null -> INT12.
Tensor norm_modulate(const Tensor& src, const Tensor* shift, const Tensor* scale, Requant output,
                     std::uint32_t epsilon);

/// Section 13. src [batch, T, C] Q16, shift and scale as above; groups divides C -> INT12.
Tensor group_norm(const Tensor& src, const Tensor* shift, const Tensor* scale, Requant output, std::uint32_t epsilon,
                  std::size_t groups);

enum class Activation { kGelu, kGeluTanh, kSilu, kRelu };

/// Section 8: f of a Q16 number.
std::int32_t activate(Activation function, std::int32_t x);

/// Section 8, on tensors.
Tensor activation(Activation function, const Tensor& src, Requant input, Requant output, unsigned bits);

/// Section 9. b is broadcast to a or a to b -> INT32.
Tensor add(const Tensor& a, const Tensor& b, Requant factor);

/// Section 9. x and h of one shape, gate broadcast -> INT32 Q16.
Tensor gated_residual(const Tensor& x, const Tensor& gate, const Tensor& h, Requant factor);

/// Section 9.
Tensor convert(const Tensor& src, Requant factor, unsigned bits);

/// The order of the words of section 10's constants: a, b, c, d in Q24, guidance and limit in Q16.
struct SamplerConstants {
  std::int32_t a, b, c, d, guidance, limit;
};

/// Section 10. `uncond` may be null. All of one shape, Q16.
Tensor sampler_update(const Tensor& x, const Tensor& cond, const Tensor* uncond, const SamplerConstants& constants);

/// Section 11 -> [samples, elements] Q16.
Tensor noise(std::size_t samples, std::size_t elements, std::uint64_t seed, std::uint32_t first_sample,
             std::uint32_t stream);

/// Section 14. src [..., 2 N] -> [..., N] of `bits` bits.
Tensor geglu(const Tensor& src, Requant input, Requant output, unsigned bits);

/// Section 15. src [batch, T, D], shift and scale [batch, 1, D] or [1, 1, D] Q16 or null -> of `bits` bits.
Tensor modulate(const Tensor& src, const Tensor* shift, const Tensor* scale, Requant input, Requant output,
                unsigned bits);

/// Section 16. src [..., T, D] INT12, table [T, D] INT16 Q14, D even -> INT12.
Tensor rotary(const Tensor& src, const Tensor& table, Requant output);

/// Vertical and horizontal numbers of a window sliding over a picture.
struct Window {
  std::array<std::size_t, 2> extent{1, 1}, stride{1, 1}, padding{0, 0};
};

/// Section 17. src [batch, H, W, C] -> [batch, Ho, Wo, window * C].
Tensor im2col(const Tensor& src, const Window& window);

/// Section 17. src [batch, H, W, C] -> [batch, height, width, C], multiples of H and W.
Tensor resize(const Tensor& src, std::size_t height, std::size_t width);

/// Section 21: the two highest bits of the magnitude, with the sign.
std::int32_t two_powers(std::int32_t x);

struct PredictSettings {
  std::size_t heads = 1, keep = 1;
  std::uint32_t dominance = 0;
  bool all_keys = false;  ///< all rows of K and V are needed
};

/// Of tokens that are not predicted.
struct StoredKeys {
  Tensor keys;                   ///< [batch, heads, T, depth]
  std::set<std::size_t> listed;  ///< b T + t of tokens that are
};

/// Section 21. src [batch, T, D] INT12, weight [2 * heads * depth, D] INT8, bias and factors as for matrix_product() ->
/// mask [batch, heads, T, ceil(T / 32)] and `rows` [batch, 3 * heads, ceil(T / 32)]; one 32-bit word per value. With
/// `stored`, rows of other tokens than those listed are 0.
Tensor predict(const Tensor& src, const Tensor& weight, const std::vector<std::int32_t>& bias,
               const std::vector<Requant>& factors, const PredictSettings& settings, Tensor& rows,
               const StoredKeys* stored = nullptr);

/// Section 21. matrix_product() where `rows` [batch, groups, ceil(M / 32)] says, elsewhere `dst` [batch, M, N].
Tensor matrix_product_rows(const Tensor& src, const Tensor& weight, const std::vector<std::int32_t>& bias,
                           const std::vector<Requant>& factors, unsigned bits, const Tensor& rows, Tensor dst);

}  // namespace dixion::reference
