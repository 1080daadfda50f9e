/// \file  What asking costs.
#include "model/config.h"

namespace llmops::model {

std::optional<Usd> cost_of(const Price& price, const Usage& usage, std::chrono::nanoseconds busy) {
  const bool answers_nothing = usage.output_tokens == 0;
  if (price.input && (price.output || answers_nothing)) {
    if (!usage.input_tokens || !usage.output_tokens) return std::nullopt;
    return Usd{(*price.input * static_cast<double>(*usage.input_tokens) +
                price.output.value_or(0) * static_cast<double>(*usage.output_tokens)) /
               1e6};
  }
  if (price.usd_per_hour)
    return Usd{*price.usd_per_hour * std::chrono::duration<double, std::ratio<3600>>(busy).count()};
  return std::nullopt;
}

void put_cost(const Price& price, Answer& answer) {
  if (!answer.cost_told) answer.cost = cost_of(price, answer.usage, answer.busy);
}

}  // namespace llmops::model
