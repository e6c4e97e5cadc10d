/**
 * A child like the real one, except that a file's name (`hang.*`, `abort.*` and so on), or the first bytes of an item
 * without a name, make it misbehave.
 * @module
 */
import { writeSync } from "node:fs"
import { basename } from "node:path"
import { createFingerprinter } from "../../src/child/fingerprint-item.ts"
import type { ItemRequest } from "../../src/child/item-request.ts"
import { encodeFrame, FrameReader } from "../../src/frames.ts"
import { type InitMessage, MAX_PART_BYTES, type PartMessage, type RequestMessage } from "../../src/protocol.ts"

const send = (message: unknown) => process.stdout.write(encodeFrame(message))
const held: Buffer[] = []

const MISDEEDS: Readonly<Record<string, (id: number) => void>> = {
  hang: () => {
    for (;;);
  },
  sleep: () => {},
  abort: () => process.abort(),
  exit: () => process.exit(3),
  kill: () => process.kill(process.pid, "SIGKILL"),
  hog: () => {
    // Write every page, so that it is resident and not only mapped.
    for (;;) held.push(Buffer.alloc(16 * 1024 * 1024, 1))
  },
  garbage: () => process.stdout.write(Buffer.alloc(4096, 0xa5)),
  huge: () => process.stdout.write(Buffer.from([0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0])),
  strangers: () => send({ answers: [{ id: 999_999, early: false, fingerprint: LIE }] }),
  liar: (id) => send({ answers: [{ id, early: false, fingerprint: LIE }] }),
  wants: (id) => send({ want: { id, offset: 0, length: 1 } }),
  endless: () => {
    for (;;) {
      try {
        writeSync(1, encodeFrame({ answers: [] }))
      } catch {
        // The pipe is full: continue until this process is ended.
      }
    }
  },
}

/** Lengths of the streams in progress. */
const lengths = new Map<number, number>()

/** Asks for a part as it should be asked for. */
function want(id: number, offset: number): void {
  const length = Math.min(MAX_PART_BYTES, (lengths.get(id) ?? 0) - offset)
  send({ want: { id, offset, length } })
}

/** What it does with a stream once it has its first part, whose first bytes name it; and with each later part. */
const STREAM_MISDEEDS: Readonly<Record<string, (id: number) => void>> = {
  again: (id) => want(id, 0),
  tiny: (id) => send({ want: { id, offset: MAX_PART_BYTES, length: 1 } }),
  jumps: (id) => want(id, 3 * MAX_PART_BYTES),
  twice: (id) => {
    want(id, MAX_PART_BYTES)
    want(id, 2 * MAX_PART_BYTES)
  },
  answers: (id) => {
    want(id, MAX_PART_BYTES)
    send({ answers: [{ id, early: false, fingerprint: { ...LIE, kind: "text" } }] })
  },
  /** Reads no more, and asks for the next part again and again. */
  deaf: (id) => {
    process.stdin.pause()
    let part = 1
    setInterval(() => want(id, part++ * MAX_PART_BYTES), 20)
  },
}

/** A picture that claims to be inspected, without a hash. */
const LIE = {
  sizeBytes: 1,
  md5: "0".repeat(32),
  sha1: "0".repeat(40),
  sha256: "0".repeat(64),
  mediaType: "image/jpeg",
  kind: "picture",
}

/** Items taken so far. */
let taken = 0

let fingerprinter: Awaited<ReturnType<typeof createFingerprinter>> | undefined

const reader = new FrameReader({ maxHeaderBytes: 2 ** 20, maxPayloadBytes: 2 ** 30 }, ({ header, payload }) => {
  const { part } = header as Partial<PartMessage>
  if (part !== undefined) return STREAM_MISDEEDS[nameIn(payload)]?.(part)
  void (fingerprinter === undefined ? start(header as InitMessage) : work({ ...(header as RequestMessage), payload }))
})

process.stdin.on("data", (chunk) => reader.push(chunk))
process.stdin.on("end", () => process.exit(0))
process.stdout.on("error", () => process.exit(0))

function nameIn(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, 20)).split(".")[0] ?? ""
}

async function start(init: InitMessage): Promise<void> {
  fingerprinter = await createFingerprinter(init)
  send({ ready: true })
  setInterval(send, 100, { answers: [] })
}

async function work(request: ItemRequest): Promise<void> {
  const { source, payload } = request
  if (source.kind === "stream") {
    lengths.set(request.id, source.length)
    return want(request.id, 0)
  }
  const name = source.kind === "bytes" ? nameIn(payload) : (basename(source.path).split(".")[0] ?? "")
  // Waits for a thread of another item, and never gets it.
  if (taken++ > 0 && name === "behind") return
  const misdeed = MISDEEDS[name]
  if (misdeed !== undefined) return misdeed(request.id)
  const answer = await fingerprinter?.fingerprint(request, () => {})
  send({ answers: [{ id: request.id, early: false, fingerprint: answer }] })
}
