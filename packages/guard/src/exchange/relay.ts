/**
 * Relays a stream: the upstream's events in, cleared events out.
 * @module
 */
import type { Dialect } from "../endpoints/dialect.ts"
import type { Endpoint } from "../endpoints/endpoint.ts"
import type { HeldTooMuch } from "../engine/outcome.ts"
import { GuardRefusal } from "../errors.ts"
import type { StreamCodec, StreamStep } from "../stream/codec.ts"
import type { EventWriter } from "../stream/event-writer.ts"
import { HoldBack, type Stop } from "../stream/hold-back.ts"
import { type SseEvent, SseParser } from "../stream/sse-parser.ts"
import type { UpstreamAnswer } from "../upstream/ports.ts"
import { contextOf, type Exchange, unavailable } from "./exchange.ts"
import type { Sent } from "./forward.ts"
import { recordBlock } from "./inspect.ts"

/** How a stream ended. */
export type RelayEnd = "passed" | "blocked_output" | "unavailable" | "upstream_failed" | "gone"

/** Relays the answer to its end. Never throws; ends the writer. */
export async function relay(
  endpoint: Endpoint,
  answer: UpstreamAnswer,
  sent: Sent,
  exchange: Exchange,
  writer: EventWriter,
): Promise<RelayEnd> {
  const codec = endpoint.stream?.(sent.request)
  if (codec === undefined) throw new GuardRefusal("upstream_failed", "this endpoint has no streams")
  const { running, services, signal, startedAt } = exchange
  const seconds = () => (performance.now() - startedAt) / 1000
  let stopped: Stop | undefined
  let isReleased = false
  const transcript: Uint8Array[] = []
  const hold = new HoldBack({
    engine: running.engine,
    codec,
    context: contextOf(exchange, "output", { model: sent.request.model, requestItems: sent.items }),
    settings: running.setup.holdBack,
    signal,
    release: (frames) => {
      if (!isReleased) services.metrics.firstToken("released", seconds())
      isReleased = true
      exchange.span.released(frames)
      writer.write(frames)
    },
    stop: (stop) => {
      stopped = stop
      answer.cancel()
    },
  })
  try {
    await pump(answer, transcript, codec, hold, writer, exchange)
    if (stopped === undefined) return "passed"
    return await endStream(stopped, { dialect: endpoint.dialect, codec, sent, exchange, writer, transcript })
  } catch (error) {
    if (stopped !== undefined)
      return await endStream(stopped, { dialect: endpoint.dialect, codec, sent, exchange, writer, transcript })
    if (signal.aborted) return "gone"
    writer.write(codec.error(endpoint.dialect.renderError(error).body))
    return "upstream_failed"
  } finally {
    services.metrics.dropped(exchange.endpoint, codec.dropped ?? 0)
    answer.cancel()
    writer.end()
  }
}

/**
 * Reads the upstream to its end.
 *
 * @param transcript - keeps what was read, since the evidence of a block holds the whole exchange. In memory only, and
 * bounded.
 */
async function pump(
  { chunks }: UpstreamAnswer,
  transcript: Uint8Array[],
  codec: StreamCodec,
  hold: HoldBack,
  writer: EventWriter,
  { running, services, startedAt }: Exchange,
): Promise<void> {
  const parser = new SseParser()
  const { limits, holdBack } = running.setup
  let size = 0
  for await (const chunk of chunks) {
    if (size === 0) services.metrics.firstToken("upstream", (performance.now() - startedAt) / 1000)
    size += chunk.length
    if (size > limits.maxAnswerBytes) throw new GuardRefusal("upstream_failed", "the upstream's answer is too large")
    transcript.push(chunk)
    acceptAll(parser.push(chunk), codec, hold)
    if (hold.isStopped) return
    if (writer.needsDrain) await writer.drained()
    // Checks that are slower than the upstream slow it down, so that nothing piles up.
    if (hold.isChecking && hold.heldChars > holdBack.maxHeldBytes / 2) await hold.idle()
    if (hold.isStopped) return
  }
  hold.accept(codec.finish())
  while (hold.isChecking && !hold.isStopped) await hold.idle()
}

/** Takes all events of one read at once: each text is checked once and written once for all of them. */
function acceptAll(events: readonly SseEvent[], codec: StreamCodec, hold: HoldBack): void {
  const steps: StreamStep[] = []
  try {
    for (const event of events) steps.push(...codec.read(event))
  } finally {
    // The events before an unreadable one still count.
    hold.accept(steps)
  }
}

interface Ending {
  readonly dialect: Dialect
  readonly codec: StreamCodec
  readonly sent: Sent
  readonly exchange: Exchange
  readonly writer: EventWriter
  readonly transcript: readonly Uint8Array[]
}

/** The soft ending: the reader of the stream sees that a filter ended it. */
async function endStream(
  { outcome, items }: Stop,
  { dialect, codec, sent: { request, payload }, exchange, writer, transcript }: Ending,
): Promise<RelayEnd> {
  if (outcome.action === "block") {
    const answer = { contentType: "text/event-stream", bytes: Buffer.concat(transcript) }
    await recordBlock(exchange, outcome, { direction: "output", model: request.model, items, request: payload, answer })
    writeWithheld(codec, exchange, writer)
    return "blocked_output"
  }
  if (exchange.signal.aborted) return "gone"
  const held = outcome.failures.find(({ cause }) => HELD_TOO_MUCH.has(cause))
  if (held !== undefined) exchange.services.metrics.failed(held)
  // The size limit of a picture is no secret, so the caller is told that nothing was found.
  if (held?.cause === "held_picture_too_large") writer.write(codec.error(dialect.renderError(heldTooMuch()).body))
  else if (exchange.caller.trusted) writer.write(codec.error(dialect.renderError(unavailable(exchange)).body))
  else writeWithheld(codec, exchange, writer)
  return "unavailable"
}

const HELD_TOO_MUCH: ReadonlySet<string> = new Set<HeldTooMuch>(["held_text_too_long", "held_picture_too_large"])

function heldTooMuch(): GuardRefusal {
  return new GuardRefusal("held_picture_too_large", "a picture in the answer's text is larger than the hold-back limit")
}

function writeWithheld(codec: StreamCodec, { message, span }: Exchange, writer: EventWriter): void {
  const frames = codec.withheld(message)
  span.released(frames)
  writer.write(frames)
}
