// SPDX-License-Identifier: Apache-2.0
#include "models/interconnect/shared_resource.h"

#include "models/interconnect/kernel_time.h"

namespace dixion {

SharedResource::SharedResource(std::uint64_t bytes_per_second) : sharing_(bytes_per_second, ticks_per_second()) {}

SharedResource::Stream::Stream(SharedResource& resource, std::uint64_t bytes, std::uint64_t limit, Ticks begin)
    : resource_(resource), id_(resource.sharing_.add(ticks_now(), bytes, limit, begin)) {
  resource_.notify_earliest();
}

SharedResource::Stream::~Stream() {
  resource_.sharing_.remove(ticks_now(), id_);
  resource_.notify_earliest();
}

void SharedResource::Stream::wait_done() {
  for (;;) {
    resource_.sharing_.advance(ticks_now());
    if (resource_.sharing_.done(id_)) return;
    // Whoever finished now may not be waiting for the event: every caller arms it for the next finish.
    resource_.notify_earliest();
    sc_core::wait(resource_.finish_);
  }
}

void SharedResource::transfer(std::uint64_t bytes, std::uint64_t limit, Ticks begin) {
  Stream stream(*this, bytes, limit, begin);
  stream.wait_done();
}

Ticks SharedResource::access(Ticks begin, std::uint64_t bytes) {
  const Ticks finish = sharing_.access(ticks_now(), begin, bytes);
  notify_earliest();
  return finish;
}

void SharedResource::notify_earliest() {
  // A later notification would not replace an earlier one.
  finish_.cancel();
  if (const auto finish = sharing_.next_finish()) finish_.notify(time_of(*finish - ticks_now()));
}

}  // namespace dixion
