/**
 * Calls that the guard answers itself: a verdict on each input, and nothing forwarded.
 * @module
 */
import type { RawRequest } from "../endpoints/endpoint.ts"
import type { ServedEndpoint } from "../endpoints/served.ts"
import type { Outcome } from "../engine/outcome.ts"
import type { Payload } from "../inspect/payload.ts"
import type { Exchange } from "./exchange.ts"
import { unavailable } from "./exchange.ts"
import { inspectAll, recordBlock } from "./inspect.ts"

/**
 * Judges each input by itself.
 *
 * @throws {GuardRefusal} where the body is not understood, or a required check did not answer.
 */
export async function serve(endpoint: ServedEndpoint, raw: RawRequest, exchange: Exchange): Promise<Payload> {
  const request = endpoint.request(raw)
  const outcomes: Outcome[] = []
  for (let input = 0; input < request.inputs; input++) {
    const items = request.items.filter(({ choice }) => choice === input)
    const refs = request.refs.filter(({ part }) => part.choice === input)
    const { outcome, items: checked } = await inspectAll({ items, refs }, exchange, request.direction)
    if (outcome.action === "unavailable") throw unavailable(exchange)
    if (outcome.action === "block") {
      const content = {
        direction: request.direction,
        model: "",
        items: checked,
        request: { contentType: raw.contentType, bytes: raw.bytes },
      }
      await recordBlock(exchange, outcome, content)
    }
    outcomes.push(outcome)
  }
  return endpoint.render(outcomes, request, exchange.message)
}
