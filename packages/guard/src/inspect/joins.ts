/**
 * Which texts of one message its readers put together. A client library joins text over parts and items, a chat window
 * shows a refusal below the text before it, and a trace shows everything from the reasoning to the calls.
 * @module
 */
import type { Channel } from "./inspectable.ts"

/** Channels of texts that are read as one, from the fewest to the most. Each set is checked joined. */
export const JOINS: readonly ReadonlySet<Channel>[] = [
  new Set<Channel>(["text"]),
  new Set<Channel>(["text", "refusal"]),
  new Set<Channel>(["text", "refusal", "reasoning", "definition", "tool_call", "tool_result"]),
]

const RANKS: Readonly<Partial<Record<Channel, number>>> = { reasoning: 0, text: 1, refusal: 2 }

/** Order in which the fields of one message are read, whatever order they come in. */
export function rankOf(channel: Channel): number {
  return RANKS[channel] ?? 3
}
