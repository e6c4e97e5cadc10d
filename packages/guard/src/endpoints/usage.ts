/**
 * Token counts: numbers under known names only.
 * @module
 */
import { integer, nullable, object, type Shape } from "../inspect/shape.ts"

const count = nullable(integer(0))

/** `usage` of chat and text completions, and of embeddings. */
export const usage: Shape = object(
  {},
  {
    prompt_tokens: count,
    completion_tokens: count,
    total_tokens: count,
    prompt_tokens_details: nullable(
      object(
        {},
        {
          audio_tokens: count,
          cached_tokens: count,
          cache_write_tokens: count,
          image_tokens: count,
          text_tokens: count,
        },
      ),
    ),
    completion_tokens_details: nullable(
      object(
        {},
        {
          accepted_prediction_tokens: count,
          audio_tokens: count,
          reasoning_tokens: count,
          rejected_prediction_tokens: count,
          image_tokens: count,
          text_tokens: count,
        },
      ),
    ),
  },
)
