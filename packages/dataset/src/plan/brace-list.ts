/**
 * Brace lists of shards, as WebDataset writes them: `name-{000000..000123}.tar`, `{train,val}.tar`.
 * @module
 */
import { RequestError } from "@nightlight/core"

/** Most names one list may stand for; counted before anything is expanded. */
export const MAX_BRACE_NAMES = 1_000_000

type Part = { readonly count: number; readonly pick: (index: number) => string }

/**
 * Expands a brace list, leftmost braces changing slowest. Text without braces stands for itself.
 *
 * @throws {RequestError} `input_invalid` if braces are nested or open, or the list stands for more than
 *   {@link MAX_BRACE_NAMES} names.
 */
export function expandBraceList(text: string): readonly string[] {
  const parts = parseParts(text)
  const total = parts.reduce((product, part) => product * part.count, 1)
  if (total > MAX_BRACE_NAMES) {
    throw new RequestError("input_invalid", `a brace list names more than ${MAX_BRACE_NAMES} names`, {
      hint: "Give the shards in several lists.",
    })
  }
  return parts.reduce<readonly string[]>(
    (names, part) => names.flatMap((name) => Array.from({ length: part.count }, (_, index) => name + part.pick(index))),
    [""],
  )
}

function parseParts(text: string): readonly Part[] {
  const parts: Part[] = []
  let rest = text
  for (;;) {
    const open = rest.indexOf("{")
    const close = rest.indexOf("}", open)
    if (open === -1 && close === -1) return [...parts, literal(rest)]
    const body = rest.slice(open + 1, close)
    if (open === -1 || close < open || body.includes("{") || rest.slice(0, open).includes("}")) throw malformed()
    parts.push(literal(rest.slice(0, open)), range(body) ?? choice(body))
    rest = rest.slice(close + 1)
  }
}

function literal(text: string): Part {
  return { count: 1, pick: () => text }
}

/** `000..123` or `0..100..5`; zero-padded where either end is. */
function range(body: string): Part | undefined {
  const match = /^(-?\d{1,15})\.\.(-?\d{1,15})(?:\.\.([1-9]\d{0,14}))?$/.exec(body)
  const [, first, last, step] = match ?? []
  if (first === undefined || last === undefined) return undefined
  const [from, to, by] = [Number(first), Number(last), Number(step ?? 1)]
  const isPadded = [first, last].some((end) => /^-?0\d/.test(end))
  const width = isPadded ? Math.max(first.length, last.length) : 0
  return {
    count: Math.floor(Math.abs(to - from) / by) + 1,
    pick: (index) => {
      const value = from + Math.sign(to - from) * by * index
      const digits = String(Math.abs(value))
      return value < 0 ? `-${digits.padStart(width - 1, "0")}` : digits.padStart(width, "0")
    },
  }
}

function choice(body: string): Part {
  const names = body.split(",")
  if (names.length < 2) throw malformed()
  return { count: names.length, pick: (index) => names[index] ?? "" }
}

function malformed(): RequestError {
  return new RequestError("input_invalid", "expected a brace list such as name-{000000..000123}.tar")
}
