#include <doctest/doctest.h>

#include "fakes/memory_file_system.h"
#include "model/llama/threads.h"

namespace llmops::model::llama {
namespace {

TEST_SUITE("model/llama/threads") {
  TEST_CASE("a control group's share of CPUs limits the threads") {
    CHECK(allowed_cpus("150000 100000\n", 64) == 2);
    CHECK(allowed_cpus("200000 100000\n", 64) == 2);
    CHECK(allowed_cpus("50000 100000\n", 64) == 1);
    CHECK(allowed_cpus("6400000 100000\n", 8) == 8);
  }

  TEST_CASE("without a limit, or one that can't be read, all CPUs count") {
    CHECK(allowed_cpus("max 100000\n", 8) == 8);
    CHECK(allowed_cpus("", 8) == 8);
    CHECK(allowed_cpus("0 0", 8) == 8);
    CHECK(allowed_cpus("what is this", 8) == 8);
    CHECK(allowed_cpus("", 0) == 1);
  }

  TEST_CASE("lists of CPUs are counted") {
    CHECK(cpus_in_list("0-3,8\n") == 5);
    CHECK(cpus_in_list("7") == 1);
    for (const auto* wrong : {"", "3-1", "a", "1,,2", "0-99999999999"}) CHECK(cpus_in_list(wrong) == 0);
  }

  TEST_CASE("affinity and the control group's limit are read, and the smaller one counts") {
    fakes::MemoryFileSystem files;
    files.put("/proc/self/status", "Name:\tx\nCpus_allowed:\tff\nCpus_allowed_list:\t0-6\nMems_allowed:\t1\n");

    CHECK(usable_cpus(files) == 7);
    files.put("/sys/fs/cgroup/cpu.max", "150000 100000\n");
    CHECK(usable_cpus(files) == 2);
  }
}

}  // namespace
}  // namespace llmops::model::llama
