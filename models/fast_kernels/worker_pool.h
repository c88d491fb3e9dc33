// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace dixion {

/// Processors this process may use, at least 1.
[[nodiscard]] unsigned processors();

/// A fixed number of threads that share pieces of work; the caller is one of them. The others are started by the first
/// work of more than one piece and sleep between works.
class WorkerPool {
 public:
  /// threads at least 1.
  explicit WorkerPool(unsigned threads) : threads_(threads) {}
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  [[nodiscard]] unsigned threads() const { return threads_; }
  /// Calls body(0)...body(count - 1), each once, in any order; returns when all have returned. An exception of a body
  /// comes out here, after the others. A call from inside a body, or from a second thread, does all by itself.
  void for_each(std::size_t count, const std::function<void(std::size_t)>& body);

 private:
  void serve();
  void take_pieces();

  unsigned threads_;
  std::vector<std::thread> helpers_;
  std::mutex owner_;  // whoever distributes work
  std::mutex mutex_;  // guards what follows, up to the next line
  std::condition_variable begin_, end_;
  std::size_t work_ = 0;  // counts works: helpers see a new one
  unsigned busy_ = 0;     // helpers that have not finished the current work
  bool stop_ = false;
  std::exception_ptr failure_;
  const std::function<void(std::size_t)>* body_ = nullptr;

  std::size_t count_ = 0;
  std::atomic<std::size_t> next_{0};
};

}  // namespace dixion
