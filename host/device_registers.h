// SPDX-License-Identifier: Apache-2.0
/// Register offsets of the host's devices, in bytes from each window's base.
#pragma once

#include <cstdint>

namespace dixion::host {

inline constexpr std::uint64_t kClintMsip = 0x0;         ///< 4 bytes per hart
inline constexpr std::uint64_t kClintMtimecmp = 0x4000;  ///< 8 bytes per hart
inline constexpr std::uint64_t kClintMtime = 0xBFF8;
inline constexpr std::uint64_t kClintSize = 0x1'0000;

inline constexpr std::uint64_t kPlicPriority = 0x0;          ///< 4 bytes per source
inline constexpr std::uint64_t kPlicPending = 0x1000;        ///< 1 bit per source
inline constexpr std::uint64_t kPlicEnable = 0x2000;         ///< 1 bit per source
inline constexpr std::uint64_t kPlicEnableStride = 0x80;     ///< per context
inline constexpr std::uint64_t kPlicContext = 0x20'0000;     ///< threshold, claim/complete
inline constexpr std::uint64_t kPlicContextStride = 0x1000;  ///< per context
inline constexpr std::uint64_t kPlicClaim = 4;               ///< from a context's base
inline constexpr std::uint64_t kPlicSize = 0x60'0000;

inline constexpr std::uint64_t kUartData = 0;  ///< RBR, THR; DLL when LCR.DLAB
inline constexpr std::uint64_t kUartIer = 1;   ///< DLM when LCR.DLAB
inline constexpr std::uint64_t kUartIir = 2;   ///< FCR when written
inline constexpr std::uint64_t kUartLcr = 3;
inline constexpr std::uint64_t kUartMcr = 4;
inline constexpr std::uint64_t kUartLsr = 5;
inline constexpr std::uint64_t kUartMsr = 6;
inline constexpr std::uint64_t kUartScr = 7;
inline constexpr std::uint64_t kUartSize = 0x100;

inline constexpr std::uint64_t kFinisherControl = 0;
inline constexpr std::uint64_t kFinisherSize = 0x1000;

}  // namespace dixion::host
