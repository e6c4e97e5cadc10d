/**
 * Frames that wait to be sent, in order: texts of different tracks may pass one another, nothing else may.
 * @module
 */
import { EVERY_LANE, type Frames } from "./codec.ts"
import type { JoinedPart } from "./join.ts"
import type { Track } from "./track.ts"

/** A step between texts. */
export interface Barrier {
  readonly kind: "barrier"
  readonly lane: number
  readonly frames: Frames
  ready: boolean
  /** Texts within it that wait for the texts they are joined with. */
  parts?: readonly JoinedPart[]
}

interface QueuedText {
  readonly kind: "text"
  readonly track: Track
  /** Offset up to which this entry reaches. */
  to: number
}

/** The queue of one stream. */
export class ReleaseQueue {
  #entries: (QueuedText | Barrier)[] = []
  readonly #open = new Map<Track, QueuedText>()

  get isEmpty(): boolean {
    return this.#entries.length === 0
  }

  /** Queues what a track has received so far. */
  text(track: Track): void {
    const last = this.#open.get(track)
    if (last !== undefined) {
      last.to = track.received
      return
    }
    const entry: QueuedText = { kind: "text", track, to: track.received }
    this.#open.set(track, entry)
    this.#entries.push(entry)
  }

  /** Queues a step behind all texts of its lane so far. */
  barrier(barrier: Barrier): void {
    for (const track of this.#open.keys()) {
      if (barrier.lane === EVERY_LANE || track.step.lane === barrier.lane) this.#open.delete(track)
    }
    this.#entries.push(barrier)
  }

  /** Takes out what can be sent now. */
  take(write: (track: Track, text: string) => readonly string[]): string[] {
    const [only] = this.#entries
    if (this.#entries.length === 1 && only?.kind === "text") return this.#takeText(only, write)
    const frames: string[] = []
    const kept: (QueuedText | Barrier)[] = []
    const waitingTracks = new Set<Track>()
    const waitingTexts = new Set<number>()
    const closedLanes = new Set<number>()
    for (const [index, entry] of this.#entries.entries()) {
      const lane = entry.kind === "text" ? entry.track.step.lane : entry.lane
      if (closedLanes.has(EVERY_LANE)) {
        kept.push(...this.#entries.slice(index))
        break
      }
      if (closedLanes.has(lane)) {
        kept.push(entry)
      } else if (entry.kind === "text") {
        if (!waitingTracks.has(entry.track)) frames.push(...releaseText(entry, write))
        if (entry.track.released >= entry.to) {
          if (this.#open.get(entry.track) === entry) this.#open.delete(entry.track)
        } else {
          kept.push(entry)
          waitingTracks.add(entry.track)
          waitingTexts.add(lane)
        }
      } else if (isReady(entry) && (lane === EVERY_LANE ? kept.length === 0 : !waitingTexts.has(lane))) {
        frames.push(...(typeof entry.frames === "function" ? entry.frames() : entry.frames))
      } else {
        kept.push(entry)
        closedLanes.add(lane)
      }
    }
    this.#entries = kept
    return frames
  }

  /** The same where only one text waits, as in most reads of a stream. */
  #takeText(entry: QueuedText, write: (track: Track, text: string) => readonly string[]): string[] {
    const frames = [...releaseText(entry, write)]
    if (entry.track.released >= entry.to) {
      if (this.#open.get(entry.track) === entry) this.#open.delete(entry.track)
      this.#entries = []
    }
    return frames
  }
}

function isReady({ ready, parts = [] }: Barrier): boolean {
  return ready && parts.every(({ joinedTo, received }) => joinedTo >= received)
}

function releaseText(
  { track, to }: QueuedText,
  write: (track: Track, text: string) => readonly string[],
): readonly string[] {
  const end = Math.min(to, track.clearedTo)
  return end > track.released ? write(track, track.release(end)) : []
}
