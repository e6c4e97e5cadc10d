/**
 * The one form into which every endpoint's requests, answers and stream events are parsed for the checks.
 * @module
 */

/** Direction: from the caller to the upstream, or back. */
export type Direction = "input" | "output"

/** The speaker. `none` where the API names none, as for an embedding's input. */
export type Role = "system" | "user" | "assistant" | "tool" | "none"

/**
 * The part of a conversation that something belongs to. Every string that is not one of a closed set of values has a
 * channel.
 */
export type Channel =
  /** Prompts, messages, answers. */
  | "text"
  /** A model's reasoning, where it is shown. */
  | "reasoning"
  /** A model's explanation of why it does not answer. */
  | "refusal"
  /** A complete picture. */
  | "image"
  /** Names, descriptions and schemas of tools and of answer formats. */
  | "definition"
  /** A complete tool call: its name and arguments. */
  | "tool_call"
  /** The result of a tool. */
  | "tool_result"
  /** Ids, user names, metadata: short strings that could still carry content. */
  | "label"

/** The medium, which decides the kinds of checks that can see something. */
export type Medium = "text" | "image"

interface Place {
  readonly role: Role
  readonly channel: Channel
  /** Position of the choice or output it belongs to, from 0; 0 in requests. */
  readonly choice: number
  /** Path of known field names and positions only: `messages[0].content[1].text`. */
  readonly path: string
}

/** A text to check. In a stream: a window of it, with as much of the text before as the checks need. */
export interface TextPart extends Place {
  readonly kind: "text"
  readonly text: string
  /** In a stream: more of this text may follow, so a word need not end where it ends. */
  readonly open?: true
  /** In a stream: more of this text precedes it and was checked, so a word need not begin where it begins. */
  readonly continues?: true
}

/** Content that came as bytes: a `data:` URL, an upload, a generated picture. */
export interface BytesPart extends Place {
  readonly kind: "bytes"
  readonly channel: "image"
  readonly bytes: Uint8Array
}

/** Content given by an `http:` or `https:` URL, which is fetched and replaced before any check. */
export interface RefPart extends Place {
  readonly kind: "ref"
  readonly channel: "image"
  readonly url: string
}

/** One part of a request, answer or stream event. */
export type Inspectable = TextPart | BytesPart | RefPart

/** An item as checks get it: linked content has been fetched. */
export type CheckItem = TextPart | BytesPart

/** Returns the medium of a part. */
export function mediumOf(item: Inspectable): Medium {
  return item.kind === "text" ? "text" : "image"
}

/** A picture that a body names by URL, with a function that replaces the link by the picture. */
export interface RemoteRef {
  readonly part: RefPart
  /** Writes a `data:` URL in place of the link into the copy that is sent. */
  readonly inline: (dataUrl: string) => void
}
