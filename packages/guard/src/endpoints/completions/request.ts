/**
 * Fields of `POST /v1/completions`.
 *
 * Source: openai-node 7.57.0, resources/completions.d.ts, and what vLLM adds to it.
 * @module
 */

import {
  byType,
  flag,
  integer,
  list,
  nullable,
  number,
  object,
  record,
  type Shape,
  text,
  withRole,
} from "../../inspect/shape.ts"
import { dropped } from "../forced.ts"
import { samplingFields } from "../openai/sampling.ts"

/** Prompts of one request. Prompts given as token numbers cannot be inspected and are refused. */
const MAX_PROMPTS = 128

/** A request for text completions. */
export const completionsRequest: Shape = withRole(
  "user",
  object(
    { model: text("label"), prompt: byType({ string: text("text"), array: list(text("text"), MAX_PROMPTS) }) },
    {
      suffix: nullable(text("text")),
      echo: nullable(flag),
      n: nullable(integer(1, 128)),
      best_of: nullable(integer(1, 128)),
      ...samplingFields,
      logprobs: nullable(integer(0, 20)),
      logit_bias: nullable(record("label", number())),
      stop: byType({ string: text("text"), array: list(text("text"), 64), null: () => null }),
      stream: nullable(flag),
      stream_options: nullable(
        object({}, { include_usage: flag, include_obfuscation: dropped(flag), continuous_usage_stats: dropped(flag) }),
      ),
      user: text("label"),
    },
  ),
)
