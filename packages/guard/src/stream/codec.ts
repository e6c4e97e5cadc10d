/**
 * The port between an endpoint's stream events and the hold-back: events are taken apart into steps, and written anew
 * from the steps that were cleared.
 * @module
 */
import type { Channel, CheckItem, Role } from "../inspect/inspectable.ts"
import type { SseEvent } from "./sse-parser.ts"

/** Text that grows: checked in windows, released piece by piece. */
export interface TextStep {
  readonly kind: "text"
  /**
   * Order is kept within a lane: a choice, or the one output of a response. Texts of different tracks pass one another;
   * nothing passes a step of another kind, nor does that pass a text.
   */
  readonly lane: number
  /** What the text belongs to; steps of one track are one text. */
  readonly track: string
  readonly role: Role
  readonly channel: Channel
  readonly choice: number
  readonly path: string
  readonly text: string
  /** Where it stands among the texts of its lane in a whole answer; where none is given, in the order in which they begin. */
  readonly order?: number
}

/** The lane of what every lane waits for. */
export const EVERY_LANE = -1

/** A whole thing that its codec has put together, such as a call of a tool or a picture: checked, then written as it is. */
export interface WholeStep {
  readonly kind: "whole"
  readonly lane: number
  readonly items: readonly CheckItem[]
  readonly frames: Frames
  /** As of a text. */
  readonly order?: number
  /** It is no part of a message: its texts are not joined with others. */
  readonly alone?: true
}

/** One thing that an event of a stream says. */
export type StreamStep =
  | TextStep
  | WholeStep
  /** The codec holds so much more itself, to make a whole step of: counted against the limit. */
  | { readonly kind: "held"; readonly chars: number }
  /**
   * A text has ended, and its lane has not: what is left of it is checked and released, then the frames go. What may be
   * the beginning of a find waits for what the next text of the lane begins with.
   */
  | { readonly kind: "close"; readonly lane: number; readonly track: string; readonly frames: Frames }
  /** Nothing more is said in a lane: all its texts have ended. */
  | { readonly kind: "complete"; readonly lane: number }
  /** Structure without content. Waits for its lane. */
  | { readonly kind: "frame"; readonly lane: number; readonly frames: Frames }
  /** The API's own end: everything is closed and released first. */
  | { readonly kind: "end"; readonly frames: Frames }

/** Serialised events, or a way to make them at the moment they go (sequence numbers are counted then). */
export type Frames = readonly string[] | (() => readonly string[])

/** Reads and writes one stream. Holds that stream's state. */
export interface StreamCodec {
  /** Fields of events that were left out so far; absent where it does not count them. */
  readonly dropped?: number
  /**
   * Takes one event apart.
   *
   * @throws {GuardRefusal} `upstream_failed` for one that it does not understand.
   */
  read(event: SseEvent): readonly StreamStep[]
  /** The upstream has closed. Steps for what is still open; `end` was perhaps never sent. */
  finish(): readonly StreamStep[]
  /** Serialises text of a track that was cleared. */
  text(step: TextStep, cleared: string): readonly string[]
  /** Serialises the soft ending: everything that is open ends as filtered, then the API's own end. */
  withheld(message: string): readonly string[]
  /** Serialises an error event after which the stream closes: for what is neither a find nor the caller's. */
  error(body: string): readonly string[]
}
