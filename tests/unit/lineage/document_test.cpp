#include <doctest/doctest.h>

#include "doc/json.h"
#include "lineage/document_schema.h"
#include "sample.h"
#include "schema/type.h"

using namespace llmops;
namespace lineage = llmops::lineage;
namespace sample = llmops::lineage::sample;

namespace {
const std::string kCommit(40, 'c');

std::string rendered(const Errors& errors) {
  std::string out;
  for (const auto& error : errors) out += render(error);
  return out;
}
}  // namespace

TEST_SUITE("lineage/document") {
  TEST_CASE("a document has the promised keys, and nulls for what is not known") {
    const auto document = to_document(sample::run("01RUN", kCommit));

    for (const auto* key :
         {"run", "recipe", "environment", "commit", "dirty", "release_key", "status", "started", "finished", "steps"}) {
      CHECK_MESSAGE(document.find(key), key);
    }
    const auto& step = document.find("steps")->items().at(1);
    for (const auto* key :
         {"id", "kind", "status", "reason", "metrics", "gate", "outputs", "queries", "cost_usd", "duration_s"}) {
      CHECK_MESSAGE(step.find(key), key);
    }
    CHECK(document.get("started", "") == "2026-11-18T11:06:40.000Z");
    CHECK(step.find("cost_usd")->is_null());
    CHECK(document.find("cost_usd")->is_null());
    CHECK(step.find("gate")->is_null());
    const auto& train = document.find("steps")->items().at(0);
    CHECK(train.get("duration_s", 0.0) == doctest::Approx(1.5));
    CHECK(doc::to_json(*train.find("outputs")) ==
          R"({"adapter":{"value":"models/adapter.bin","path":"models/adapter.bin","digest":")" +
              sys::sha256("adapter").to_string() + R"(","size":7,"folder":false,"in_record":false}})");
  }

  TEST_CASE("the declared shape and the document agree") {
    auto run = sample::run("01RUN", kCommit);
    CHECK(rendered(check(lineage::run_document_type(), to_document(run), schema::Late::refuse)) == "");

    run.dirty = true;
    run.dirty_tree = sys::DirtyTree{std::string(40, '9'), {"a b.txt"}};
    run.steps[0].outcome.status = step::Status::error;
    run.steps[0].outcome.error = step_error("it `broke`");
    run.status = lineage::status_of(run.steps);
    run.commit.clear();
    run.steps.push_back({});
    run.steps.back().outcome.status = step::Status::skipped;
    CHECK(rendered(check(lineage::run_document_type(), to_document(run), schema::Late::refuse)) == "");
  }

  TEST_CASE("the declared shape refuses what is no document") {
    auto document = to_document(sample::run("01RUN", kCommit));
    document["extra"] = 1;
    document["status"] = "perhaps";
    document.erase("release_key");

    CHECK(check(lineage::run_document_type(), document, schema::Late::refuse).size() == 3);
  }

  TEST_CASE("a run is as bad as its worst step") {
    using step::Status;
    const auto status = [](std::vector<Status> all) {
      std::vector<lineage::StepRun> steps(all.size());
      for (std::size_t i = 0; i < all.size(); ++i) steps[i].outcome.status = all[i];
      return to_string(lineage::status_of(steps));
    };

    CHECK(status({}) == "passed");
    CHECK(status({Status::ran, Status::cached, Status::skipped}) == "passed");
    CHECK(status({Status::inconclusive, Status::ran}) == "inconclusive");
    CHECK(status({Status::failed, Status::inconclusive}) == "failed");
    CHECK(status({Status::failed, Status::error}) == "error");
    CHECK(lineage::run_status_from("interrupted") == lineage::RunStatus::interrupted);
    CHECK_FALSE(lineage::run_status_from("ok"));
  }
}
