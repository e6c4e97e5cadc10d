/**
 * Tool calls, put together from the pieces of a stream: no part of a call is released before it is complete.
 * @module
 */
import type { JsonValue } from "@nightlight/core"
import { GuardRefusal } from "../../errors.ts"
import type { TextPart } from "../../inspect/inspectable.ts"

/** A piece of a call, from one chunk. */
export interface CallPiece {
  readonly index: number
  readonly id?: string | null
  readonly type?: "function" | "custom"
  readonly function?: { readonly name?: string | null; readonly arguments?: string | null }
  readonly custom?: { readonly name?: string | null; readonly input?: string | null }
}

interface Call {
  id: string
  type: "function" | "custom"
  name: string
  /** Arguments of a function, or the input of a custom tool. */
  said: string
}

const MAX_CALLS = 128

/** The calls of one choice. */
export class ToolCalls {
  readonly #calls = new Map<number, Call>()

  get isEmpty(): boolean {
    return this.#calls.size === 0
  }

  /** Adds a piece and returns its size in code units. @throws {GuardRefusal} `upstream_failed` for too many calls. */
  add(piece: CallPiece): number {
    const call = this.#calls.get(piece.index) ?? { id: "", type: "function", name: "", said: "" }
    this.#calls.set(piece.index, call)
    if (this.#calls.size > MAX_CALLS)
      throw new GuardRefusal("upstream_failed", "the upstream's answer has too many tool calls")
    const { name, said } = partsOf(piece)
    if (piece.custom !== undefined || piece.type === "custom") call.type = "custom"
    // Some upstreams repeat the id in every piece.
    if (piece.id != null && call.id !== piece.id) call.id += piece.id
    call.name += name
    call.said += said
    return name.length + said.length
  }

  /** All items of the calls to be checked. */
  items(choice: number): TextPart[] {
    return [...this.#calls].flatMap(([index, { id, name, said }]) =>
      [
        { channel: "label" as const, path: "id", text: id },
        { channel: "tool_call" as const, path: "name", text: name },
        { channel: "tool_call" as const, path: "arguments", text: said },
      ]
        .filter((part) => part.text !== "")
        .map(({ channel, path, text }) => ({
          kind: "text" as const,
          role: "assistant" as const,
          channel,
          choice,
          path: `choices[${choice}].tool_calls[${index}].${path}`,
          text,
        })),
    )
  }

  /** One delta's `tool_calls` with all calls. */
  delta(): JsonValue {
    return [...this.#calls].map(([index, { id, type, name, said }]) => ({
      index,
      id,
      type,
      ...(type === "custom" ? { custom: { name, input: said } } : { function: { name, arguments: said } }),
    }))
  }
}

function partsOf({ function: called, custom }: CallPiece): { readonly name: string; readonly said: string } {
  return {
    name: (called?.name ?? "") + (custom?.name ?? ""),
    said: (called?.arguments ?? "") + (custom?.input ?? ""),
  }
}
