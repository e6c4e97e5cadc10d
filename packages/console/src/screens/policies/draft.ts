/**
 * A policy as it is being written. Kept in memory alone, so that another page loses nothing; by the version it starts from.
 * @module
 */
import { useState } from "react"
import type { Words } from "./queries.ts"

const drafts = new Map<string, Words>()

/** The draft that starts from a version, its change, and starting over; use one per version by a `key`. */
export function useDraft(digest: string, start: Words): readonly [Words, (part: Partial<Words>) => void, () => void] {
  const [draft, setDraft] = useState<Words>(() => drafts.get(digest) ?? start)
  const change = (part: Partial<Words>) => {
    const next = { ...draft, ...part }
    drafts.set(digest, next)
    setDraft(next)
  }
  const startOver = () => {
    drafts.delete(digest)
    setDraft(start)
  }
  return [draft, change, startOver]
}

/** Forgets a draft: it was kept as a version. */
export const forgetDraft = (digest: string): void => void drafts.delete(digest)
