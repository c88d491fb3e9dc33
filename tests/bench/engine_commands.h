// SPDX-License-Identifier: Apache-2.0
/// Commands of a DiT-XL/2 block at 256 x 256 pixels on random operands in a flat memory, as an execution unit would run
/// them: 256 tokens, width 1152, 16 heads of 72, hidden width 4608 (Peebles and Xie, ICCV 2023).
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <vector>

#include "models/common/engine.h"
#include "models/common/kernel_set.h"
#include "models/engines/matrix/matrix.h"
#include "models/engines/vector/vector.h"
#include "tests/support/flat_memory.h"

namespace dixion::bench {

struct ProductShape {
  std::size_t rows, depth, columns;  // M, K, N
  [[nodiscard]] std::uint64_t macs() const { return std::uint64_t{rows} * depth * columns; }
};

/// What a block multiplies; products of attention are per head.
inline constexpr std::size_t kTokens = 256, kWidth = 1152, kHeads = 16, kHeadDepth = 72, kHidden = 4608, kBlocks = 28;
inline constexpr ProductShape kQkv{kTokens, kWidth, 3 * kWidth};
inline constexpr ProductShape kProjection{kTokens, kWidth, kWidth};
inline constexpr ProductShape kUp{kTokens, kWidth, kHidden};
inline constexpr ProductShape kDown{kTokens, kHidden, kWidth};
inline constexpr ProductShape kModulation{1, kWidth, 6 * kWidth};
inline constexpr ProductShape kScores{kTokens, kHeadDepth, kTokens};
inline constexpr ProductShape kValues{kTokens, kTokens, kHeadDepth};

/// Memory, engines and the tensors of one block.
class EngineCommands {
 public:
  explicit EngineCommands(const KernelSet& kernels);

  /// src [M, K] INT12 times weight [N, K] INT8, requantised by a table to `format`.
  [[nodiscard]] Command matmul(const ProductShape& shape, dixion_format format = DIXION_FORMAT_INT12);
  [[nodiscard]] Command attention();
  [[nodiscard]] Command norm();
  [[nodiscard]] Command gelu();
  [[nodiscard]] Command residual();
  /// All commands of a block in order.
  [[nodiscard]] std::vector<Command> block();

  /// Executes and stores; throws std::runtime_error if the engine refuses.
  void run(const Command& command);

 private:
  [[nodiscard]] TensorView tensor(dixion_format format, std::initializer_list<std::uint32_t> extents,
                                  std::int32_t magnitude);
  [[nodiscard]] TensorView factors(std::uint32_t count);

  test::FlatMemory memory_{std::size_t{64} << 20};
  MatrixEngine matrix_;
  VectorEngine vector_;
  std::uint32_t state_ = 1;
};

}  // namespace dixion::bench
