import type { ChildProcess } from "node:child_process"
import { parseAnswers, parseWant } from "./answer.ts"
import { encodeFrame, type Frame, FrameReader } from "./frames.ts"
import type { ChildCommand } from "./isolation/child-command.ts"
import { launchChild } from "./isolation/launch.ts"
import { lastDescendant, residentBytes } from "./node-process.ts"
import {
  type Answer,
  type InitMessage,
  type JpegDecoder,
  MAX_HEADER_BYTES,
  type PartMessage,
  type ReadyMessage,
  type RequestMessage,
  type WantMessage,
} from "./protocol.ts"
import type { DecodeSource } from "./source.ts"

/** Events of a child, for the pool that owns it. */
export interface ChildEvents {
  onReady(): void
  /** Valid in form; the ids may still be unknown. */
  onAnswers(answers: readonly Answer[]): void
  /** Valid in form; the id may still be unknown. Answered by {@link DecoderChild.sendPart}. */
  onWant(want: WantMessage["want"]): void
  /** Called once, after the process ended or became unusable. No other event follows. */
  onDeath(): void
}

/** An answer has no payload. */
const FRAME_LIMITS = { maxHeaderBytes: MAX_HEADER_BYTES, maxPayloadBytes: 0 }

const NOTHING = new Uint8Array(0)

/**
 * Most characters kept of a child's standard error before it is ready, which reports a broken installation, never an
 * item.
 */
const MAX_COMPLAINT_CHARACTERS = 2000

/** One decoder process. Any misbehaviour ends it, and the pool is notified of its death. */
export class DecoderChild {
  /** Has no pipes if no file descriptor was left for them. */
  readonly #process: ChildProcess
  readonly #events: ChildEvents
  readonly #init: InitMessage
  #isReady = false
  #jpegDecoder: JpegDecoder = "bundled"
  #isDead = false
  #complaint = ""
  #decoderPid: number | undefined
  /** Resolves when the process has ended. */
  readonly exited: Promise<void>

  constructor(command: ChildCommand, init: InitMessage, events: ChildEvents) {
    this.#events = events
    this.#init = init
    this.#process = launchChild(command, "pipe")
    this.exited = new Promise((resolve) => {
      this.#process.once("exit", () => resolve())
      this.#process.once("error", () => resolve())
    })
    void this.exited.then(() => this.kill())
    const reader = new FrameReader(FRAME_LIMITS, (frame) => this.#receive(frame))
    const { stdin, stdout, stderr } = this.#process
    stdout?.on("data", (chunk: Uint8Array) => this.#guard(() => reader.push(chunk)))
    stderr?.on("data", (chunk: Buffer) => {
      if (!this.#isReady && this.#complaint.length < MAX_COMPLAINT_CHARACTERS) this.#complaint += chunk.toString()
    })
    for (const stream of [stdin, stdout, stderr]) stream?.on("error", () => {})
    stdin?.write(encodeFrame(init))
  }

  /** Its standard error before it was ready, for the operator. */
  get complaint(): string {
    return this.#complaint.slice(0, MAX_COMPLAINT_CHARACTERS)
  }

  /** Its decoder for plain JPEGs; known once it is ready. */
  get jpegDecoder(): JpegDecoder {
    return this.#jpegDecoder
  }

  get isReady(): boolean {
    return this.#isReady && !this.#isDead
  }

  /**
   * Sends one item. Its bytes, if any, must not change until the answer. Items sent in one turn of the event loop are
   * written together.
   */
  send(id: number, source: DecodeSource, early: boolean): void {
    const payload = source.kind === "bytes" ? source.bytes : NOTHING
    const message: RequestMessage = { id, source: describe(source), early }
    const { stdin } = this.#process
    if (stdin === null) return
    if (stdin.writableCorked === 0) {
      stdin.cork()
      setImmediate(() => stdin.uncork())
    }
    stdin.write(encodeFrame(message, payload.length))
    if (payload.length > 0) stdin.write(payload)
  }

  /**
   * Sends a part of a stream; undefined where it could not be read. Resolves when the child's pipe has taken it, or the
   * child is dead.
   */
  sendPart(id: number, bytes: Uint8Array = NOTHING): Promise<void> {
    const { stdin } = this.#process
    if (stdin === null || this.#isDead) return Promise.resolve()
    const message: PartMessage = { part: id }
    // The pipe calls back with an error, too, when it is destroyed.
    return new Promise((resolve) => {
      const frame = encodeFrame(message, bytes.length)
      if (bytes.length === 0) {
        stdin.write(frame, () => resolve())
        return
      }
      stdin.write(frame)
      stdin.write(bytes, () => resolve())
    })
  }

  /** Resident memory of the decoder process, bytes; 0 where it is unknown. */
  residentBytes(): number {
    const { pid } = this.#process
    if (pid === undefined || this.#isDead) return 0
    this.#decoderPid ??= lastDescendant(pid)
    return this.#decoderPid === undefined ? 0 : (residentBytes(this.#decoderPid) ?? 0)
  }

  /** Lets the child finish; it ends when its input ends. */
  end(): void {
    this.#process.stdin?.end()
  }

  /** Kills the child at once; the first call notifies the pool. */
  kill(): void {
    if (this.#isDead) return
    this.#isDead = true
    const { stdin, stdout, stderr } = this.#process
    this.#process.kill("SIGKILL")
    for (const stream of [stdin, stdout, stderr]) stream?.destroy()
    this.#events.onDeath()
  }

  #receive({ header }: Frame): void {
    if (this.#isDead) return
    if (this.#isReady) {
      const want = parseWant(header)
      if (want === undefined) this.#events.onAnswers(parseAnswers(header, this.#init))
      else this.#events.onWant(want)
      return
    }
    const message = header as Partial<ReadyMessage> | null
    if (message?.ready !== true) throw new Error("expected the child's ready message")
    if (message.jpegDecoder === "system") this.#jpegDecoder = "system"
    this.#isReady = true
    this.#events.onReady()
  }

  /** A child that sends anything invalid is no longer trusted, and is killed. */
  #guard(action: () => void): void {
    try {
      action()
    } catch {
      this.kill()
    }
  }
}

/** A source as the child sees it. */
function describe(source: DecodeSource): RequestMessage["source"] {
  switch (source.kind) {
    case "bytes":
      return { kind: "bytes" }
    case "stream":
      return { kind: "stream", length: source.length }
    case "file":
    case "range":
      return source
    default:
      return source satisfies never
  }
}
