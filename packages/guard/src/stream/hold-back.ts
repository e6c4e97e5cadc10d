/**
 * Hold-back: nothing of a stream is released before every check cleared it.
 *
 * Texts are checked in overlapping windows; a match may begin in one window and end in the next, so what could be the
 * beginning of one is held. Tool calls and pictures are checked whole. The strictest check decides.
 * @module
 */
import type { CheckContext, CheckKind } from "../checks/check.ts"
import type { Engine } from "../engine/engine.ts"
import type { HeldTooMuch, Outcome } from "../engine/outcome.ts"
import type { CheckItem, TextPart } from "../inspect/inspectable.ts"
import type { HoldBackSettings } from "../setup/setup.ts"
import { EVERY_LANE, type Frames, type StreamCodec, type StreamStep, type TextStep, type WholeStep } from "./codec.ts"
import { type Cursor, isHeldAtEnd, type Pass, type PassKind, type Window } from "./cursor.ts"
import { Message, type MessagePlace } from "./message.ts"
import { type Barrier, ReleaseQueue } from "./release-queue.ts"
import { Track } from "./track.ts"

/** Kinds that check windows of texts. */
const WINDOW_KINDS: readonly CheckKind[] = ["match", "text", "classifier"]

/** The checks and the codec of one stream, and where its frames go. */
export interface HoldBackDeps {
  readonly engine: Engine
  readonly codec: Pick<StreamCodec, "text">
  readonly context: CheckContext
  readonly settings: HoldBackSettings
  readonly signal: AbortSignal
  /** Called with the frames that may be sent, in order. */
  readonly release: (frames: readonly string[]) => void
  /** Called once when a check did not clear something; nothing is released afterwards. */
  readonly stop: (stop: Stop) => void
}

/** Why a stream is ended early. */
export interface Stop {
  readonly outcome: Outcome
  /** The items that were checked. */
  readonly items: readonly CheckItem[]
}

/** Holds one stream back. */
export class HoldBack {
  readonly #deps: HoldBackDeps
  readonly #passes: readonly PassKind[]
  readonly #tracks = new Map<string, Track>()
  /** Messages by lane. */
  readonly #messages = new Map<number, Message>()
  /** Texts that have grown or ended since they were checked. */
  readonly #grown = new Set<Track>()
  /** Messages that have grown or ended: their joined texts are checked, even if no single text grows. */
  readonly #grownLanes = new Set<number>()
  readonly #queue = new ReleaseQueue()
  readonly #waiters: (() => void)[] = []
  #inCodec = 0
  #inWholes = 0
  #running = 0
  #stopped = false

  constructor(deps: HoldBackDeps) {
    this.#deps = deps
    this.#passes = WINDOW_KINDS.flatMap((kind) => {
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

  /** Characters held, by this and by the codec. */
  get heldChars(): number {
    let held = this.#inCodec + this.#inWholes
    for (const track of this.#tracks.values()) held += track.received - track.released
    return held
  }

  /** Takes the steps of all events of one read. */
  accept(steps: readonly StreamStep[]): void {
    for (const step of steps) {
      if (this.#stopped) return
      this.#accept(step)
    }
    this.#advanceGrown()
    const tooMuch = this.#tooMuchHeld()
    if (tooMuch !== undefined) this.#stop(failed("hold-back", tooMuch), [])
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
        this.#whole(step)
        break
      case "close":
        this.#close(step.lane, step.track)
        this.#frames(step.lane, step.frames)
        break
      case "complete":
        this.#complete(step.lane)
        break
      case "frame":
        this.#frames(step.lane, step.frames)
        break
      case "end":
        for (const lane of this.#messages.keys()) this.#complete(lane)
        this.#frames(EVERY_LANE, step.frames)
        break
      default:
        step satisfies never
    }
  }

  #frames(lane: number, frames: Frames): void {
    this.#queue.barrier({ kind: "barrier", lane, frames, ready: true })
  }

  #message(lane: number): Message {
    const message = this.#messages.get(lane) ?? new Message(this.#passes)
    this.#messages.set(lane, message)
    return message
  }

  #text(step: TextStep): void {
    const track = this.#tracks.get(step.track) ?? new Track(step, this.#passes)
    this.#tracks.set(step.track, track)
    track.cursor.append(step.text)
    this.#message(step.lane).grow(track, step.text)
    this.#queue.text(track)
    this.#grown.add(track)
  }

  #close(lane: number, name: string): void {
    const track = this.#tracks.get(name)
    const message = this.#message(lane)
    // Texts that come out of order end together.
    if (track === undefined || track.cursor.closed || message.isMixed) return
    message.separate(track)
    track.cursor.closed = true
    this.#grown.add(track)
  }

  #complete(lane: number): void {
    const message = this.#messages.get(lane)
    if (message === undefined) return
    const end = () => {
      for (const { cursor } of [...message.tracks, ...message.joins]) if (cursor !== undefined) cursor.closed = true
      for (const track of message.tracks) this.#grown.add(track)
      this.#grownLanes.add(lane)
    }
    const items = message.isMixed && message.place !== undefined ? message.readInOrder(message.place) : []
    if (items.length === 0) {
      end()
      return
    }
    const barrier: Barrier = { kind: "barrier", lane, frames: [], ready: false }
    this.#queue.barrier(barrier)
    this.#run(items, JOINED_KINDS, () => {
      barrier.ready = true
      end()
      this.#advanceGrown()
    })
  }

  /** Checks every text that has grown, once for all steps of a read. */
  #advanceGrown(): void {
    for (const { cursor, step } of this.#grown) {
      this.#grownLanes.add(step.lane)
      for (const pass of cursor.passes) this.#advance(cursor, pass, step)
    }
    this.#grown.clear()
    for (const lane of this.#grownLanes) {
      const { joins, place } = this.#message(lane)
      for (const { cursor, last } of joins) {
        const sinceOf = last?.step ?? place
        if (cursor === undefined || sinceOf === undefined) continue
        for (const pass of cursor.passes) this.#advance(cursor, pass, sinceOf)
      }
    }
    this.#grownLanes.clear()
  }

  /** Checks what a pass has not seen, where that is enough for a window. */
  #advance(cursor: Cursor, pass: Pass, place: MessagePlace): void {
    while (!pass.running && !this.#stopped && this.#isDue(cursor, pass)) {
      const window = cursor.window(pass)
      const item = toItem(place, window)
      pass.running = true
      this.#run([item], [pass.kind], (outcome, isLate) => {
        pass.running = false
        cursor.passed(pass, window, pendingFrom(pass, window.text, outcome))
        if (isLate) this.#advance(cursor, pass, place)
      })
    }
  }

  #isDue(cursor: Cursor, pass: Pass): boolean {
    const { kind, checkedTo } = pass
    const unseen = cursor.received - checkedTo
    if (cursor.closed) return unseen > 0 || isHeldAtEnd(pass)
    const { mode, windowChars, firstWindowChars } = this.#deps.settings
    if (mode === "all") return false
    // Checks without a remote call run at once: they say exactly what to hold.
    if (kind !== "classifier") return cursor.isWorthInspecting(pass)
    return unseen >= (checkedTo === 0 ? firstWindowChars : windowChars)
  }

  #whole({ lane, items, frames, order, alone }: WholeStep): void {
    // One picture may be larger than everything else that is held: pictures are bounded by the limit of the whole
    // answer.
    const size = items.reduce((sum, item) => sum + (item.kind === "text" ? item.text.length : 0), 0)
    this.#inCodec = Math.max(0, this.#inCodec - size)
    this.#inWholes += size
    const message = lane === EVERY_LANE || alone === true ? undefined : this.#message(lane)
    const barrier: Barrier = {
      kind: "barrier",
      lane,
      frames,
      ready: false,
      parts: message?.addWhole(items, order) ?? [],
    }
    this.#queue.barrier(barrier)
    for (const track of message?.tracks ?? []) this.#grown.add(track)
    if (message !== undefined) this.#grownLanes.add(lane)
    this.#run(items, undefined, () => {
      this.#inWholes -= size
      barrier.ready = true
    })
  }

  /** Runs checks; anything that they do not clear stops the stream. */
  #run(
    items: readonly CheckItem[],
    kinds: readonly CheckKind[] | undefined,
    passed: (outcome: Outcome, isLate: boolean) => void,
  ): void {
    const { engine, context, signal } = this.#deps
    const outcome = engine.run(items, context, signal, kinds)
    if (!(outcome instanceof Promise)) {
      if (this.#mayPass(outcome, items)) passed(outcome, false)
      return
    }
    this.#running++
    outcome
      .then((value) => {
        if (!this.#stopped && this.#mayPass(value, items)) passed(value, true)
        this.#flush()
      })
      // The caller gave up, the engine itself failed, or cleared content cannot be written: nothing more is released.
      .catch(() => this.#stop(failed("engine", "failed"), []))
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
    for (const message of this.#messages.values()) message.limit()
    const frames = this.#queue.take((track, text) => this.#deps.codec.text(track.step, text))
    if (frames.length > 0) this.#deps.release(frames)
  }

  /** Pictures in texts are held until they are complete, under a limit of their own. */
  #tooMuchHeld(): HeldTooMuch | undefined {
    const { maxHeldBytes, maxHeldPictureBytes } = this.#deps.settings
    let pictures = 0
    for (const { tracks, joins } of this.#messages.values()) {
      const own = [...tracks].reduce((sum, { cursor }) => sum + heldByMatch(cursor), 0)
      pictures += joins.reduce((most, { cursor }) => Math.max(most, heldByMatch(cursor)), own)
    }
    if (pictures > maxHeldPictureBytes) return "held_picture_too_large"
    return this.heldChars - pictures > maxHeldBytes ? "held_text_too_long" : undefined
  }
}

function heldByMatch(cursor: Cursor | undefined): number {
  const pass = cursor?.passes.find(({ kind }) => kind === "match")
  return cursor === undefined || pass === undefined ? 0 : cursor.received - cursor.clearedBy(pass)
}

const JOINED_KINDS: readonly CheckKind[] = ["match", "text"]

function toItem({ role, channel, choice, path }: MessagePlace, { text, from, isLast }: Window): TextPart {
  const item = { kind: "text", role, channel, choice, path, text } as const
  const open = isLast ? item : { ...item, open: true as const }
  return from === 0 ? open : { ...open, continues: true as const }
}

/** The position in a window from which a match may still be incomplete, by the most careful of a pass's checks. */
function pendingFrom({ checks }: Pass, text: string, { ran }: Outcome): number {
  return checks.reduce((least, { name, pendingFrom, overlapChars = 0 }) => {
    const told = ran.find(({ check }) => check === name)?.pendingFrom ?? pendingFrom?.(text)
    return Math.min(least, Math.max(0, told ?? text.length - overlapChars))
  }, text.length)
}

function failed(check: string, cause: "failed" | HeldTooMuch): Outcome {
  return { decision: "inconclusive", action: "unavailable", signals: [], failures: [{ check, cause }], ran: [] }
}
