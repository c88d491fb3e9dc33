// SPDX-License-Identifier: Apache-2.0
/// Where timing mode takes the bits of masks from: docs/sparsity.md, "Where masks come from". C++17.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace dixion {

/// Bits of one mask.
class MaskSource {
 public:
  virtual ~MaskSource() = default;
  /// Writes ceil(columns / 32) words of one row, the lowest bit first; bits beyond `columns` are 0. Rows are counted
  /// over all dimensions but the last.
  virtual void row(std::uint64_t number, std::size_t columns, std::uint32_t* words) const = 0;
  /// The bits lie somewhere: looking at all of them costs little, and no other mask need be like this one.
  [[nodiscard]] virtual bool stored() const { return false; }
  /// Of masks that are not stored: those of one shape and look differ by chance only, what is worked out from one
  /// stands for all of them.
  [[nodiscard]] virtual std::uint64_t look() const { return 0; }
};

/// What a mask says.
enum class MaskKind : std::uint8_t {
  kKeys,           ///< ST: the keys that matter to a query; at least one in each row
  kElements,       ///< FFN-Reuse: hidden elements of a token to compute again
  kPredictedKeys,  ///< EP: as kKeys
  kPredictedRows,  ///< EP: tokens whose projections are needed; rows of a sample are the heads of Q, then of K, then of
                   ///< V
  kTokens,         ///< CTR: tokens of a sample to compute
};
inline constexpr std::size_t kMaskKinds = 5;

/// A mask by the command that made it. Equal requests stand for equal bits.
struct MaskRequest {
  MaskKind kind = MaskKind::kKeys;
  std::uint8_t opcode = 0;    ///< of the command; 0: no command made the mask
  std::uint8_t operand = 0;   ///< of the mask in it
  std::uint32_t tag = 0;      ///< its step, layer and operator (abi/tag.h)
  std::uint32_t ordinal = 0;  ///< its number among commands with this opcode and tag, in the order of their beginning
  std::uint32_t site = 0;     ///< number of the place where such masks are made, step by step, over again
  std::uint64_t groups = 1;   ///< heads of samples, or samples
  std::uint64_t rows = 1;     ///< of a group
  std::uint32_t columns = 0;  ///< bits of a row
  std::uint32_t kept = 0;     ///< bits that each row keeps, where the command says so; 0: it does not
  bool all_keys = false;      ///< kPredictedRows: all rows of K and V count as needed
};

/// Made-up masks, recorded ones, or an application's own.
class MaskSupply {
 public:
  virtual ~MaskSupply() = default;
  /// Null only for kTokens, of which a supply may know nothing. What is returned may be used as long as the supply
  /// lives.
  [[nodiscard]] virtual std::unique_ptr<MaskSource> mask(const MaskRequest& request) const = 0;
};

}  // namespace dixion
