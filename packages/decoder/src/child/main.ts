/**
 * The decoder child: reads requests on standard input, answers on standard output, and has access to nothing else.
 * @module
 */
import { encodeFrame, FrameReader } from "../frames.ts"
import {
  type Answer,
  type AnswersMessage,
  HEARTBEAT_MS,
  type InitMessage,
  MAX_HEADER_BYTES,
  MAX_PAYLOAD_BYTES,
  type PartMessage,
  PREPARED_AHEAD,
  type ReadyMessage,
  type RequestMessage,
  type WantMessage,
} from "../protocol.ts"
import { createFingerprinter } from "./fingerprint-item.ts"
import type { ItemRequest } from "./item-request.ts"
import { PartRequests } from "./part-requests.ts"

/** Most answers sent together, and longest wait of the first of them. */
const MAX_HELD = 8
const MAX_HOLD_MS = 10

const waiting: ItemRequest[] = []
let pending: Answer[] = []
let work: ((request: ItemRequest) => Promise<void>) | undefined
let readAhead: (requests: readonly ItemRequest[]) => void = () => {}
let holding: NodeJS.Timeout | undefined
let idleLanes = 0
let busyLanes = 0
let hasSpoken = false

const parts = new PartRequests((want) => process.stdout.write(encodeFrame({ want } satisfies WantMessage)))

const reader = new FrameReader(
  { maxHeaderBytes: MAX_HEADER_BYTES, maxPayloadBytes: MAX_PAYLOAD_BYTES },
  ({ header, payload }) => {
    if (work === undefined) return void start(header as InitMessage)
    const message = header as RequestMessage | PartMessage
    if ("part" in message) return parts.deliver(message.part, payload)
    const ask: ItemRequest["ask"] = (offset, length) => parts.ask({ id: message.id, offset, length })
    waiting.push({ ...message, payload, ask })
    fillLanes()
  },
)

// The parent is trusted, so any error here is a fault of this code. It ends the child, which the parent notices.
process.stdin.on("data", (chunk) => reader.push(chunk))
process.stdin.on("end", () => process.exit(0))
process.stdout.on("error", () => process.exit(0))

async function start(init: InitMessage): Promise<void> {
  work = () => Promise.reject(new Error("expected no request before the child is ready"))
  const fingerprinter = await createFingerprinter(init)
  readAhead = (requests) => fingerprinter.readAhead(requests)
  work = async (request) => {
    const early = (fingerprint: Answer["fingerprint"]) => answer({ id: request.id, early: true, fingerprint })
    const fingerprint = await fingerprinter.fingerprint(request, early)
    answer({ id: request.id, early: false, fingerprint })
  }
  idleLanes = init.inFlight + PREPARED_AHEAD
  setInterval(beat, HEARTBEAT_MS)
  const ready: ReadyMessage = { ready: true, jpegDecoder: fingerprinter.jpegDecoder }
  process.stdout.write(encodeFrame(ready))
  fillLanes()
}

function fillLanes(): void {
  while (idleLanes > 0 && waiting.length > 0) {
    idleLanes--
    busyLanes++
    void runLane()
  }
}

async function runLane(): Promise<void> {
  for (let request = waiting.shift(); request !== undefined; request = waiting.shift()) {
    readAhead([request, ...waiting])
    await work?.(request)
  }
  busyLanes--
  idleLanes++
}

/**
 * While there is more work, an answer waits a moment for the next ones, so that the parent wakes only once. An early
 * answer is sent at once, because the child may die next.
 */
function answer(next: Answer): void {
  pending.push(next)
  if (next.early || waiting.length === 0 || pending.length >= MAX_HELD) flush()
  else holding ??= setTimeout(flush, MAX_HOLD_MS)
}

function flush(): void {
  clearTimeout(holding)
  holding = undefined
  const message: AnswersMessage = { answers: pending }
  pending = []
  hasSpoken = true
  process.stdout.write(encodeFrame(message))
}

function beat(): void {
  if (busyLanes > 0 && !hasSpoken) flush()
  hasSpoken = false
}
