/**
 * Scans long texts in slices, one for each turn of the event loop, so that one long text does not block others.
 * @module
 */
import type { CompiledRules } from "./compile.ts"
import { scanText } from "./scan-text.ts"

/** Most code units scanned in one turn of the event loop, unless an occurrence may be longer. */
export const SLICE_CHARS = 65_536
/** Context kept before held text, code units: shows whether a word began before it. */
export const OVERLAP_CHARS = 64

/** A text to scan. */
export interface TextPiece {
  readonly text: string
  /** `open`: more of the text may follow; `continues`: more of it precedes. */
  readonly open?: boolean
  readonly continues?: boolean
}

/** Rules found in a text. */
export interface Findings {
  /** Positions of the rules that were found. */
  readonly rules: ReadonlySet<number>
  /** Position from which an occurrence may be incomplete. */
  readonly pendingFrom: number
}

/**
 * Scans texts: at once where they are short in total, otherwise in slices, between which other work can run.
 *
 * @throws the reason of `stop` when it aborts between two slices.
 */
export function scanAll(
  compiled: CompiledRules,
  texts: readonly TextPiece[],
  stop: AbortSignal,
): readonly Findings[] | Promise<readonly Findings[]> {
  const total = texts.reduce((sum, { text }) => sum + text.length, 0)
  if (total <= SLICE_CHARS) return texts.map((text) => scanWhole(compiled, text))
  return inSlices(compiled, texts, stop)
}

function scanWhole(compiled: CompiledRules, { text, open = false, continues = false }: TextPiece): Findings {
  const rules = new Set<number>()
  const { pendingFrom } = scanText(compiled, text, { open, continues, onRule: (rule) => rules.add(rule) })
  return { rules, pendingFrom }
}

async function inSlices(compiled: CompiledRules, texts: readonly TextPiece[], stop: AbortSignal): Promise<Findings[]> {
  let spent = 0
  const seen: Findings[] = []
  for (const sliced of texts) {
    const { text, open = false } = sliced
    const rules = new Set<number>()
    let from = 0
    let pendingFrom = 0
    for (let to = 0; to < text.length; ) {
      // Held text is scanned again. Where there is much of it, a slice is longer, so that time stays linear.
      to = Math.min(text.length, to + Math.max(SLICE_CHARS, to - from))
      if (spent > 0 && spent + to - from > SLICE_CHARS) {
        await new Promise((resolve) => setImmediate(resolve))
        stop.throwIfAborted()
        spent = 0
      }
      spent += to - from
      const one = scanWhole(compiled, {
        text: text.slice(from, to),
        open: open || to < text.length,
        continues: from > 0 || sliced.continues === true,
      })
      for (const rule of one.rules) rules.add(rule)
      pendingFrom = from + one.pendingFrom
      from = Math.max(from, pendingFrom - OVERLAP_CHARS)
    }
    seen.push({ rules, pendingFrom })
  }
  return seen
}
