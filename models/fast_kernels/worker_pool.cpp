// SPDX-License-Identifier: Apache-2.0
#include "models/fast_kernels/worker_pool.h"

#include <algorithm>

#if defined(__linux__)
#include <sched.h>
#endif

namespace dixion {

unsigned processors() {
#if defined(__linux__)
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) return static_cast<unsigned>(CPU_COUNT(&allowed));
#endif
  return std::max(1U, std::thread::hardware_concurrency());
}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  begin_.notify_all();
  for (std::thread& helper : helpers_) helper.join();
}

void WorkerPool::for_each(std::size_t count, const std::function<void(std::size_t)>& body) {
  if (threads_ == 1 || count <= 1 || !owner_.try_lock()) {
    for (std::size_t i = 0; i < count; ++i) body(i);
    return;
  }
  const std::lock_guard owned(owner_, std::adopt_lock);
  while (helpers_.size() + 1 < threads_) helpers_.emplace_back([this] { serve(); });
  {
    const std::lock_guard lock(mutex_);
    body_ = &body;
    count_ = count;
    next_ = 0;
    busy_ = static_cast<unsigned>(helpers_.size());
    failure_ = nullptr;
    ++work_;
  }
  begin_.notify_all();
  take_pieces();
  std::unique_lock lock(mutex_);
  end_.wait(lock, [this] { return busy_ == 0; });
  if (failure_) std::rethrow_exception(failure_);
}

void WorkerPool::serve() {
  std::size_t seen = 0;
  std::unique_lock lock(mutex_);
  for (;;) {
    begin_.wait(lock, [&] { return stop_ || work_ != seen; });
    if (stop_) return;
    seen = work_;
    lock.unlock();
    take_pieces();
    lock.lock();
    if (--busy_ == 0) end_.notify_one();
  }
}

void WorkerPool::take_pieces() {
  for (std::size_t i = next_++; i < count_; i = next_++) {
    try {
      (*body_)(i);
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
    }
  }
}

}  // namespace dixion
