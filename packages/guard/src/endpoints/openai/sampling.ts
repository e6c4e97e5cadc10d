import { integer, nullable, number } from "../../inspect/shape.ts"

/** How tokens are drawn, as every completion of the API takes it. */
export const samplingFields = {
  max_tokens: nullable(integer(0)),
  temperature: nullable(number()),
  top_p: nullable(number()),
  top_k: nullable(number()),
  min_p: nullable(number()),
  repetition_penalty: nullable(number()),
  frequency_penalty: nullable(number()),
  presence_penalty: nullable(number()),
  seed: nullable(integer()),
}
