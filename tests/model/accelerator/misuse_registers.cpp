// SPDX-License-Identifier: Apache-2.0
// The catalogue: registers, rings, accesses.
#include <gtest/gtest.h>

#include "tests/model/accelerator/misuse_catalogue.h"

namespace dixion::test {
namespace {

using Kind = Mistake::Kind;
constexpr std::uint32_t kNone = DIXION_FIELD_NONE;

/// A write to a queue register that has no effect.
Mistake rejected(const char* name, const char* what, std::uint64_t value, const char* subject, const char* expected,
                 const std::function<void(Bench&)>& make) {
  return {Kind::kRegister,
          name,
          what,
          DIXION_CAUSE_BAD_REGISTER,
          kNone,
          value,
          subject,
          expected,
          [make](Bench& b, Command&) { make(b); }};
}

/// The queue does not take a ring when it is enabled.
Mistake bad_ring(const char* name, const char* what, std::uint32_t offset, std::uint32_t value, const char* subject,
                 const char* expected) {
  return rejected(name, what, value, subject, expected, [offset, value](Bench& b) {
    b.write_queue(DIXION_QUEUE_CONTROL, 0);
    b.write_queue(offset, value);
    b.write_queue(DIXION_QUEUE_CONTROL, DIXION_QUEUE_CONTROL_ENABLE_MASK);
    EXPECT_EQ(b.read_queue(DIXION_QUEUE_CONTROL), 0U);
  });
}

/// Products run on queue 0 when the device is reset, and the queue is enabled before the reset is through.
void enable_during_reset(Bench& b) {
  b.describe(Bench::kMatrix, Bench::kTensors, DIXION_FORMAT_INT12, 2, {4, 2048});
  b.describe(Bench::kWeight, Bench::kTensors + 0x8000, DIXION_FORMAT_INT8, 1, {4, 2048});
  b.describe(Bench::kProduct, Bench::result(0), DIXION_FORMAT_INT32, 4, {4, 4});
  Command product = b.command(DIXION_OPCODE_MATMUL, {Bench::kMatrix, Bench::kWeight, 0, 0, Bench::kProduct});
  product.immediates[0] = 1;
  b.submit(0, {product, product, b.call(Bench::kLists, product), product});
  b.wait_until("BUSY", [&] { return (b.read(DIXION_ACCELERATOR_STATUS) & DIXION_ACCELERATOR_STATUS_BUSY_MASK) != 0; });
  b.write(DIXION_ACCELERATOR_CONTROL, DIXION_ACCELERATOR_CONTROL_RESET_MASK);
  b.write(DIXION_ACCELERATOR_INTR_ENABLE, 0xffff);
  EXPECT_EQ(b.read(DIXION_ACCELERATOR_STATUS) & DIXION_ACCELERATOR_STATUS_RESET_DONE_MASK, 0U) << "nothing ran";
  b.open_queue(0);
  EXPECT_EQ(b.read_queue(DIXION_QUEUE_CONTROL), 0U);
  b.wait_until("RESET_DONE",
               [&] { return b.read(DIXION_ACCELERATOR_STATUS) == DIXION_ACCELERATOR_STATUS_RESET_DONE_MASK; });
}

Mistake line(const char* name, const char* what, std::uint64_t value, const char* subject, const char* expected,
             const std::function<void(Bench&)>& make) {
  return {Kind::kLine,       name,     what,
          DIXION_CAUSE_NONE, kNone,    value,
          subject,           expected, [make](Bench& b, Command&) { make(b); }};
}

Mistake access(const char* name, const char* what, std::uint64_t value, const char* subject, const char* expected,
               tlm::tlm_command command, std::uint64_t address, unsigned length) {
  return {Kind::kAccess, name, what, DIXION_CAUSE_NONE, kNone, value, subject, expected, [=](Bench& b, Command&) {
            EXPECT_NE(b.access(command, address, length), tlm::TLM_OK_RESPONSE);
          }};
}

Mistake broken_ring(const char* name, const char* what, std::uint32_t base_lo, const char* expected, bool has_record) {
  Mistake mistake{Kind::kCommand,
                  name,
                  what,
                  DIXION_CAUSE_BUS_ERROR,
                  kNone,
                  Bench::kBrokenMemory,
                  "ring",
                  expected,
                  [base_lo](Bench& b, Command&) {
                    b.write_queue(DIXION_QUEUE_CONTROL, 0);
                    b.write_queue(base_lo, Bench::kBrokenMemory);
                    b.write_queue(DIXION_QUEUE_CONTROL, DIXION_QUEUE_CONTROL_ENABLE_MASK);
                  }};
  mistake.resumable = false;
  mistake.has_record = has_record;
  return mistake;
}

}  // namespace

std::vector<Mistake> register_mistakes() {
  constexpr std::uint64_t kQueuePage = DIXION_QUEUE_PAGE_SIZE;
  return {
      broken_ring("UnreadableRing", "a command ring where memory does not answer", DIXION_QUEUE_RING_BASE_LO,
                  "a readable command ring", true),
      broken_ring("UnwritableRecords", "a completion ring where memory does not answer: the record is lost",
                  DIXION_QUEUE_COMPLETION_BASE_LO, "a writable completion ring", false),
      rejected("DoorbellOfADisabledQueue", "a doorbell while the queue's CONTROL.ENABLE is 0", 1, "DOORBELL",
               "the queue's CONTROL.ENABLE set",
               [](Bench& b) {
                 b.write_queue(DIXION_QUEUE_CONTROL, 0);
                 b.write_queue(DIXION_QUEUE_DOORBELL, 1);
               }),
      rejected("DoorbellOfADisabledDevice", "a doorbell while the accelerator's CONTROL.ENABLE is 0", 1, "DOORBELL",
               "the accelerator's CONTROL.ENABLE set",
               [](Bench& b) {
                 b.write(DIXION_ACCELERATOR_CONTROL, 0);
                 b.write_queue(DIXION_QUEUE_DOORBELL, 1);
               }),
      rejected("TailBehind", "a tail behind the one before", 0xffffffff, "DOORBELL",
               "an index from 0 to HEAD + RING_SIZE = 16",
               [](Bench& b) { b.write_queue(DIXION_QUEUE_DOORBELL, 0xffffffff); }),
      rejected("TailTooFar", "more commands than the ring has slots", 17, "DOORBELL",
               "an index from 0 to HEAD + RING_SIZE = 16", [](Bench& b) { b.write_queue(DIXION_QUEUE_DOORBELL, 17); }),
      rejected("LockedRegister", "base or size of a ring written while CONTROL.ENABLE is 1", 32, "RING_SIZE",
               "no write while CONTROL.ENABLE is set",
               [](Bench& b) {
                 b.write_queue(DIXION_QUEUE_RING_SIZE, 32);
                 EXPECT_EQ(b.read_queue(DIXION_QUEUE_RING_SIZE), Bench::kSlots);
               }),
      rejected("RecordsThatAreNotThere", "more records consumed than posted", 1, "COMPLETION_HEAD",
               "an index from 0 to COMPLETION_TAIL = 0",
               [](Bench& b) { b.write_queue(DIXION_QUEUE_COMPLETION_HEAD, 1); }),
      rejected("EnableDuringAReset", "a queue enabled while a device `RESET` waits for commands that run", 1,
               "CONTROL.ENABLE", "0 until the accelerator's STATUS.RESET_DONE", enable_during_reset),
      bad_ring("RingSizeNoPower", "a ring size that is no power of two", DIXION_QUEUE_RING_SIZE, 12, "RING_SIZE",
               "a power of two from 8 to 65536"),
      bad_ring("RingTooSmall", "a ring of fewer than 8 slots", DIXION_QUEUE_RING_SIZE, 4, "RING_SIZE",
               "a power of two from 8 to 65536"),
      bad_ring("RingTooLarge", "a ring of more than 65536 slots", DIXION_QUEUE_RING_SIZE, 131072, "RING_SIZE",
               "a power of two from 8 to 65536"),
      bad_ring("RingMisaligned", "a ring that is not 64-byte aligned", DIXION_QUEUE_RING_BASE_LO, 0x1020,
               "RING_BASE_LO", "a multiple of 64"),
      bad_ring("RingOutsideMemory", "a ring that ends outside memory", DIXION_QUEUE_RING_BASE_LO, 0xfffc0,
               "RING_BASE_LO", "a ring inside memory"),
      bad_ring("RecordsSizeNoPower", "a completion ring size that is no power of two", DIXION_QUEUE_COMPLETION_SIZE, 0,
               "COMPLETION_SIZE", "a power of two from 8 to 65536"),
      bad_ring("RecordsMisaligned", "a completion ring that is not 64-byte aligned", DIXION_QUEUE_COMPLETION_BASE_LO,
               0x4020, "COMPLETION_BASE_LO", "a multiple of 64"),
      bad_ring("RecordsOutsideMemory", "a completion ring that ends outside memory", DIXION_QUEUE_COMPLETION_BASE_LO,
               0xfff00, "COMPLETION_BASE_LO", "a ring inside memory"),
      line("ResumeWithoutError", "CONTROL.RESUME of a queue that is not halted and has no error", 1,
           "QUEUE0.CONTROL.RESUME", "a queue with an error",
           [](Bench& b) {
             b.write_queue(DIXION_QUEUE_CONTROL, DIXION_QUEUE_CONTROL_ENABLE_MASK | DIXION_QUEUE_CONTROL_RESUME_MASK);
           }),
      line("ReadOnlyRegister", "a write to a read-only register", 5, "QUEUE0.HEAD",
           "no write: the register is read-only",
           [](Bench& b) {
             b.write_queue(DIXION_QUEUE_HEAD, 5);
             EXPECT_EQ(b.read_queue(DIXION_QUEUE_HEAD), 0U);
           }),
      line("ReservedBitsOfARegister", "bits that a register does not have; the others are written", 0x80000001,
           "CONTROL", "reserved bits 0, writable are 0x3",
           [](Bench& b) {
             b.write(DIXION_ACCELERATOR_CONTROL, 0x80000001);
             EXPECT_EQ(b.read(DIXION_ACCELERATOR_CONTROL), 1U);
           }),
      line("SemaphoreZero", "a write to semaphore 0", 7, "SEMAPHORE[0]", "no write: number 0 means no semaphore",
           [](Bench& b) {
             b.write(DIXION_ACCELERATOR_SEMAPHORE(0), 7);
             EXPECT_EQ(b.read(DIXION_ACCELERATOR_SEMAPHORE(0)), 0U);
           }),
      line("TableMisaligned", "a descriptor table that is not 64-byte aligned; the old one stays", 0x1004,
           "DESCRIPTOR_BASE_LO", "a multiple of 64",
           [](Bench& b) {
             b.write(DIXION_ACCELERATOR_DESCRIPTOR_BASE_LO, 0x1004);
             EXPECT_EQ(b.read(DIXION_ACCELERATOR_DESCRIPTOR_BASE_LO), Bench::kTable);
           }),
      line("TableTooLarge", "a descriptor table of more than 65536 entries; the old one stays", 65537,
           "DESCRIPTOR_COUNT", "at most 65536",
           [](Bench& b) {
             b.write(DIXION_ACCELERATOR_DESCRIPTOR_COUNT, 65537);
             EXPECT_EQ(b.read(DIXION_ACCELERATOR_DESCRIPTOR_COUNT), Bench::kDescriptors);
           }),
      access("PageThatIsNotThere", "an access to the page of a queue that is not there", 0x3000, "page 3",
             "the global page or that of queue 0 to 1", tlm::TLM_READ_COMMAND, 3 * kQueuePage, 4),
      access("OffsetWithoutRegister", "an access where there is no register", 0, "offset 0x5c",
             "a register of the accelerator page", tlm::TLM_READ_COMMAND, 0x5c, 4),
      access("WideAccess", "an access of 8 bytes", 8, "QUEUE0.RING_BASE_LO",
             "an aligned access of 4 bytes, not 8 bytes at offset 0x8", tlm::TLM_WRITE_COMMAND,
             kQueuePage + DIXION_QUEUE_RING_BASE_LO, 8),
      access("NarrowAccess", "an access of fewer than 4 bytes", 1, "QUEUE0.DOORBELL",
             "an aligned access of 4 bytes, not 1 bytes at offset 0x19", tlm::TLM_WRITE_COMMAND,
             kQueuePage + DIXION_QUEUE_DOORBELL + 1, 1),
      access("MisalignedAccess", "an access of 4 bytes that is not aligned", 4, "CONTROL",
             "an aligned access of 4 bytes, not 4 bytes at offset 0x42", tlm::TLM_READ_COMMAND, 0x42, 4),
  };
}

}  // namespace dixion::test
