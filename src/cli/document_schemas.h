#pragma once
/// \file  The documents that commands print with `--json`, beside a run's and a lineage graph's.
#include "schema/type.h"

namespace llmops::cli {

schema::Type plan_document_type();        ///< Of `plan`.
schema::Type validation_document_type();  ///< Of `validate`: a list, one item a recipe.
schema::Type comparison_document_type();  ///< Of `compare`.
schema::Type bisection_document_type();   ///< Of `bisect`.
schema::Type log_document_type();         ///< Of `log`: a list of runs.
schema::Type models_document_type();      ///< Of `models list`: a list.
schema::Type doctor_document_type();      ///< Of `doctor`: a list.

}  // namespace llmops::cli
