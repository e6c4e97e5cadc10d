/**
 * The one form into which every endpoint's requests, answers and stream events are taken apart for the checks.
 * @module
 */

/** Which way something travels: from the caller to the upstream, or back. */
export type Direction = "input" | "output"

/** Who is said to speak. `none` where the API gives nobody, as for an embedding's input. */
export type Role = "system" | "user" | "assistant" | "tool" | "none"

/** What part of a conversation something is. Every string that is not one of a closed set of values has one. */
export type Channel =
  /** What is said: prompts, messages, answers. */
  | "text"
  /** A model's reasoning, where it is shown. */
  | "reasoning"
  /** A model's words for not answering. */
  | "refusal"
  /** A picture, whole. */
  | "image"
  /** Names, descriptions and schemas of tools and of answer formats. */
  | "definition"
  /** A call of a tool: its name and arguments, whole. */
  | "tool_call"
  /** What a tool gave back. */
  | "tool_result"
  /** Ids, user names, metadata: short strings that could still carry something. */
  | "label"

/** Which kind of check can look at something. */
export type Medium = "text" | "image"

interface Place {
  readonly role: Role
  readonly channel: Channel
  /** Position of the choice or output it belongs to, from 0; 0 in requests. */
  readonly choice: number
  /** Where it stands, in our own words: `messages[0].content[1].text`. Names of known fields and positions only. */
  readonly path: string
}

/** A text to check. In a stream: a window of it, with as much of what came before as the checks need. */
export interface TextPart extends Place {
  readonly kind: "text"
  readonly text: string
  /** In a stream: more of this text may follow, so its end is not where a word must end. */
  readonly open?: true
  /** In a stream: more of this text stands before it, and was looked at; its beginning is not where a word must begin. */
  readonly continues?: true
}

/** Content that came as bytes: a `data:` URL, an upload, a generated picture. */
export interface BytesPart extends Place {
  readonly kind: "bytes"
  readonly channel: "image"
  readonly bytes: Uint8Array
}

/** Content that stands elsewhere, by an `http:` or `https:` URL: fetched and put in its place before any check. */
export interface RefPart extends Place {
  readonly kind: "ref"
  readonly channel: "image"
  readonly url: string
}

/** One part of a request, answer or stream event. */
export type Inspectable = TextPart | BytesPart | RefPart

/** What the checks are given: everything that stood elsewhere has been fetched. */
export type CheckItem = TextPart | BytesPart

/** The medium of a part. */
export function mediumOf(item: Inspectable): Medium {
  return item.kind === "text" ? "text" : "image"
}

/** A picture that a body names by URL, and the way to put the picture itself in its place. */
export interface RemoteRef {
  readonly part: RefPart
  /** Writes a `data:` URL in place of the link, in what will be sent. */
  readonly inline: (dataUrl: string) => void
}
