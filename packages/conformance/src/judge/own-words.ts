/**
 * Texts that a gateway adds itself: some put their own list of blocked phrases into every answer. They are learned from
 * answers to harmless traffic; the same text in the same place of another answer is then no leak.
 * @module
 */

import type { Received } from "../client/received.ts"
import type { ReceivedEvent } from "../client/sse.ts"
import { holdsWord } from "./leaks.ts"

/** The learned texts of one gateway. */
export interface OwnWords {
  /** Learns from an answer to harmless traffic. Returns whether it contains the marker. */
  learn(received: Received): boolean
  /** The answer without the texts that were learned. */
  removeFrom(received: Received): Received
  /** A copy that learns separately. */
  copy(): OwnWords
}

/** Replacement for a learned text. */
const REMOVED = "(told by the gateway itself)"

/** Makes an empty collection for a marker. */
export function openOwnWords(marker: string, known: ReadonlySet<string> = new Set()): OwnWords {
  const own = new Set(known)
  const isOwn = (place: string, text: string) => own.size > 0 && own.has(`${place}\n${text}`)
  return {
    learn: (received) => {
      let hasMarker = false
      const take = (place: string, text: string) => {
        if (!holdsWord(text, marker)) return
        own.add(`${place}\n${text}`)
        hasMarker = true
      }
      for (const [name, value] of Object.entries(received.headers)) take(`header ${name}`, value)
      if (received.events.length > 0) {
        for (const { event, json, data } of received.events) walk(json ?? data, event, take)
      } else walk(received.json ?? received.text, "body", take)
      return hasMarker
    },
    removeFrom: (received) => {
      if (own.size === 0) return received
      const removed: string[] = []
      const clean = (value: unknown, place: string): unknown =>
        map(value, place, (at, text) => {
          if (!isOwn(at, text)) return text
          removed.push(text)
          return REMOVED
        })
      const headers = Object.fromEntries(
        Object.entries(received.headers).map(([name, value]) => [
          name,
          isOwn(`header ${name}`, value) ? REMOVED : value,
        ]),
      )
      const events = received.events.map((one): ReceivedEvent => {
        if (one.json === undefined) return { ...one, data: clean(one.data, one.event) as string }
        return { ...one, json: clean(one.json, one.event) }
      })
      const json = received.json === undefined ? undefined : clean(received.json, "body")
      const isPlain = received.json === undefined && received.events.length === 0
      if (isPlain && isOwn("body", received.text)) removed.push(received.text)
      let text = received.text
      for (const one of removed) text = removeOnce(text, one)
      return { ...received, headers, events, json, text }
    },
    copy: () => openOwnWords(marker, own),
  }
}

/** Removes one occurrence, JSON-escaped or plain. */
function removeOnce(text: string, own: string): string {
  const written = JSON.stringify(own)
  return text.includes(written) ? text.replace(written, () => JSON.stringify(REMOVED)) : text.replace(own, () => "")
}

function walk(value: unknown, place: string, take: (place: string, text: string) => void): void {
  map(value, place, (at, text) => {
    take(at, text)
    return text
  })
}

/** Replaces every string, including names of fields. The place distinguishes fields, but not positions in a list. */
function map(value: unknown, place: string, replace: (place: string, text: string) => string): unknown {
  if (typeof value === "string") return replace(place, value)
  if (Array.isArray(value)) return value.map((one: unknown) => map(one, `${place}[]`, replace))
  if (typeof value !== "object" || value === null) return value
  const fields = Object.entries(value).map(
    ([name, one]) => [replace(`${place} names`, name), map(one, `${place}.${name}`, replace)] as const,
  )
  return Object.fromEntries(fields)
}
