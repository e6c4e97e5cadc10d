/**
 * The port between an endpoint's stream events and the hold-back: events are parsed into steps, and written anew from
 * the steps that were cleared.
 * @module
 */
import type { Channel, CheckItem, Role } from "../inspect/inspectable.ts"
import type { SseEvent } from "./sse-parser.ts"

/** Growing text: checked in windows, released piece by piece. */
export interface TextStep {
  readonly kind: "text"
  /**
   * Order is kept within a lane: a choice, or the one output of a response. Texts of different tracks may pass one
   * another; a text and a step of another kind may not.
   */
  readonly lane: number
  /** The text that this is a part of; steps of one track form one text. */
  readonly track: string
  readonly role: Role
  readonly channel: Channel
  readonly choice: number
  readonly path: string
  readonly text: string
  /** Position among the texts of its lane in a complete answer; unless given, the order in which they begin. */
  readonly order?: number
}

/** The lane of a step that every lane waits for. */
export const EVERY_LANE = -1

/**
 * A complete thing that its codec has put together, such as a tool call or a picture: checked, then written as it is.
 */
export interface WholeStep {
  readonly kind: "whole"
  readonly lane: number
  readonly items: readonly CheckItem[]
  readonly frames: Frames
  /** As for a text. */
  readonly order?: number
  /** Its texts belong to no message and are not joined with others. */
  readonly alone?: true
}

/** One thing that an event of a stream says. */
export type StreamStep =
  | TextStep
  | WholeStep
  /** The codec itself holds this much more, for a complete step; it counts against the limit. */
  | { readonly kind: "held"; readonly chars: number }
  /**
   * A text has ended, and its lane has not: the rest of it is checked and released, then the frames are sent. What may
   * be the beginning of a match waits for the beginning of the lane's next text.
   */
  | { readonly kind: "close"; readonly lane: number; readonly track: string; readonly frames: Frames }
  /** A lane is complete: all its texts have ended. */
  | { readonly kind: "complete"; readonly lane: number }
  /** Structure without content. It waits for its lane. */
  | { readonly kind: "frame"; readonly lane: number; readonly frames: Frames }
  /** The API's own end: everything is closed and released first. */
  | { readonly kind: "end"; readonly frames: Frames }

/** Serialised events, or a function that makes them when they are sent (sequence numbers are counted then). */
export type Frames = readonly string[] | (() => readonly string[])

/** Reads and writes one stream. Holds that stream's state. */
export interface StreamCodec {
  /** Number of event fields left out so far; absent where the codec does not count them. */
  readonly dropped?: number
  /**
   * Parses one event.
   *
   * @throws {GuardRefusal} `upstream_failed` for one that it does not understand.
   */
  read(event: SseEvent): readonly StreamStep[]
  /** The upstream has closed. Returns steps for what is still open; `end` was perhaps never sent. */
  finish(): readonly StreamStep[]
  /** Serialises cleared text of a track. */
  text(step: TextStep, cleared: string): readonly string[]
  /** Serialises the soft ending: everything open ends as filtered, then comes the API's own end. */
  withheld(message: string): readonly string[]
  /**
   * Serialises an error event, after which the stream closes: for faults other than blocked content or the caller's.
   */
  error(body: string): readonly string[]
}
