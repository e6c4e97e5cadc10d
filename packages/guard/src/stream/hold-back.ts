/**
 * Hold-back: nothing of a stream is released before every check let it pass.
 *
 * Texts are checked in windows that overlap; a find may begin in one window and end in the next, so what could be the
 * beginning of one is held. Calls of tools and pictures are checked whole. The strictest check decides.
 * @module
 */
import type { CheckContext, CheckKind } from "../checks/check.ts"
import type { HoldBackSettings } from "../config/ports.ts"
import type { Engine } from "../engine/engine.ts"
import type { Outcome } from "../engine/outcome.ts"
import type { CheckItem } from "../inspect/inspectable.ts"
import { EVERY_LANE, type Frames, type StreamCodec, type StreamStep, type TextStep } from "./codec.ts"
import { type Barrier, ReleaseQueue } from "./release-queue.ts"
import { type Gate, isHeldAtEnd, Track } from "./track.ts"

/** Kinds that look at windows of texts; a list match looks at whole things. */
const WINDOW_KINDS: readonly CheckKind[] = ["match", "text", "classifier"]

/** What is held of more than this is looked at again only when it has grown by a quarter: looking stays linear. */
const SMALL_HOLD_CHARS = 2_048

/** What {@link HoldBack} takes. */
export interface HoldBackDeps {
  readonly engine: Engine
  readonly codec: Pick<StreamCodec, "text">
  readonly context: CheckContext
  readonly settings: HoldBackSettings
  readonly signal: AbortSignal
  /** Told what may be sent, in order. */
  readonly release: (frames: readonly string[]) => void
  /** Told once when a check did not let something pass; nothing is released afterwards. */
  readonly stop: (stop: Stop) => void
}

/** Why a stream ends before its end. */
export interface Stop {
  readonly outcome: Outcome
  /** What was looked at. */
  readonly items: readonly CheckItem[]
}

/** Holds one stream back. */
export class HoldBack {
  readonly #deps: HoldBackDeps
  readonly #gates: readonly Pick<Gate, "kind" | "checks" | "overlapChars">[]
  readonly #tracks = new Map<string, Track>()
  /** Texts that have grown or ended since they were looked at. */
  readonly #grown = new Set<Track>()
  readonly #queue = new ReleaseQueue()
  readonly #waiters: (() => void)[] = []
  #inCodec = 0
  #inWholes = 0
  #running = 0
  #stopped = false

  constructor(deps: HoldBackDeps) {
    this.#deps = deps
    this.#gates = WINDOW_KINDS.flatMap((kind) => {
      const checks = deps.engine.textChecks(deps.context.direction, kind)
      const overlapChars = Math.max(0, ...checks.map((check) => check.overlapChars ?? 0))
      return checks.length === 0 ? [] : [{ kind, checks, overlapChars }]
    })
  }

  get isStopped(): boolean {
    return this.#stopped
  }

  /** Whether a check is under way. */
  get isChecking(): boolean {
    return this.#running > 0
  }

  /** Characters held, whoever holds them. */
  get heldChars(): number {
    let held = this.#inCodec + this.#inWholes
    for (const track of this.#tracks.values()) held += track.received - track.released
    return held
  }

  /** Takes the steps of one event. */
  accept(steps: readonly StreamStep[]): void {
    for (const step of steps) {
      if (this.#stopped) return
      this.#accept(step)
    }
    this.#advanceGrown()
    if (this.heldChars > this.#deps.settings.maxHeldBytes) this.#stop(TOO_MUCH_HELD, [])
    this.#flush()
  }

  /** Resolves when no check is under way, or the stream was stopped. */
  idle(): Promise<void> {
    if (this.#running === 0 || this.#stopped) return Promise.resolve()
    return new Promise((resolve) => this.#waiters.push(resolve))
  }

  #accept(step: StreamStep): void {
    switch (step.kind) {
      case "text":
        this.#text(step)
        break
      case "held":
        this.#inCodec += step.chars
        break
      case "whole":
        this.#whole(step.items, { kind: "barrier", lane: step.lane, frames: step.frames, ready: false })
        break
      case "close":
        this.#close(step.track)
        this.#frames(step.lane, step.frames)
        break
      case "frame":
        this.#frames(step.lane, step.frames)
        break
      case "end":
        for (const track of this.#tracks.keys()) this.#close(track)
        this.#frames(EVERY_LANE, step.frames)
        break
      default:
        step satisfies never
    }
  }

  #frames(lane: number, frames: Frames): void {
    this.#queue.barrier({ kind: "barrier", lane, frames, ready: true })
  }

  #text(step: TextStep): void {
    const track = this.#tracks.get(step.track) ?? new Track(step, this.#gates)
    this.#tracks.set(step.track, track)
    track.closed = false
    track.append(step.text)
    this.#queue.text(track)
    this.#grown.add(track)
  }

  /** Looks at every text that has grown, once for all the steps of a read. */
  #advanceGrown(): void {
    for (const track of this.#grown) for (const gate of track.gates) this.#advance(track, gate)
    this.#grown.clear()
  }

  #close(name: string): void {
    const track = this.#tracks.get(name)
    if (track === undefined || track.closed) return
    track.closed = true
    this.#grown.add(track)
  }

  /** Checks what a gate has not seen, where that is enough for a window. */
  #advance(track: Track, gate: Gate): void {
    while (!gate.running && !this.#stopped && this.#isDue(track, gate)) {
      const window = track.window(gate)
      const { role, channel, choice, path } = track.step
      const items: CheckItem[] = [
        {
          kind: "text",
          role,
          channel,
          choice,
          path,
          text: window.text,
          ...(!window.isLast && { open: true as const }),
        },
      ]
      const outcome = this.#deps.engine.run(items, this.#deps.context, this.#deps.signal, [gate.kind])
      if (outcome instanceof Promise) {
        gate.running = true
        this.#wait(outcome, (ended) => {
          gate.running = false
          if (this.#mayPass(ended, items)) track.passed(gate, window)
          this.#advance(track, gate)
        })
      } else if (this.#mayPass(outcome, items)) track.passed(gate, window)
    }
  }

  #isDue({ received, closed }: Track, gate: Gate): boolean {
    const { kind, checkedTo } = gate
    const unseen = received - checkedTo
    if (closed) return unseen > 0 || isHeldAtEnd(gate)
    const { mode, windowChars, firstWindowChars } = this.#deps.settings
    if (mode === "all") return false
    // What costs no call is asked at once: its own hold is exact.
    if (kind !== "classifier") return unseen > 0 && unseen * 4 >= checkedTo - gate.clearedTo - SMALL_HOLD_CHARS
    return unseen >= (checkedTo === 0 ? firstWindowChars : windowChars)
  }

  #whole(items: readonly CheckItem[], barrier: Barrier): void {
    // One picture may be larger than all that is held otherwise: pictures are bounded by the limit of the whole answer.
    const size = items.reduce((sum, item) => sum + (item.kind === "text" ? item.text.length : 0), 0)
    this.#inCodec = Math.max(0, this.#inCodec - size)
    this.#inWholes += size
    this.#queue.barrier(barrier)
    const ended = (outcome: Outcome) => {
      this.#inWholes -= size
      if (this.#mayPass(outcome, items)) barrier.ready = true
    }
    const outcome = this.#deps.engine.run(items, this.#deps.context, this.#deps.signal)
    if (outcome instanceof Promise) this.#wait(outcome, ended)
    else ended(outcome)
  }

  #wait(outcome: Promise<Outcome>, ended: (outcome: Outcome) => void): void {
    this.#running++
    outcome
      .then((value) => {
        if (!this.#stopped) ended(value)
        this.#flush()
      })
      // The caller gave up, the engine itself failed, or what was cleared cannot be written: nothing more is released.
      .catch(() => this.#stop(ENGINE_FAILED, []))
      .finally(() => {
        this.#running--
        if (this.#running === 0 || this.#stopped) for (const resolve of this.#waiters.splice(0)) resolve()
      })
  }

  #mayPass(outcome: Outcome, items: readonly CheckItem[]): boolean {
    if (outcome.action === "pass") return !this.#stopped
    this.#stop(outcome, items)
    return false
  }

  #stop(outcome: Outcome, items: readonly CheckItem[]): void {
    if (this.#stopped) return
    this.#stopped = true
    this.#deps.stop({ outcome, items })
  }

  #flush(): void {
    if (this.#stopped || this.#queue.isEmpty) return
    const frames = this.#queue.take((track, text) => this.#deps.codec.text(track.step, text))
    if (frames.length > 0) this.#deps.release(frames)
  }
}

const TOO_MUCH_HELD: Outcome = failed("hold-back")
const ENGINE_FAILED: Outcome = failed("engine")

function failed(check: string): Outcome {
  return {
    decision: "inconclusive",
    action: "unavailable",
    signals: [],
    failures: [{ check, cause: "failed" }],
    ran: [],
  }
}
