/**
 * Unfinished policies. They are kept in memory only, by the version they start from, so that visiting another page
 * loses nothing.
 * @module
 */
import { useState } from "react"
import type { Words } from "./queries.ts"

const drafts = new Map<string, Words>()

/**
 * The draft that starts from a version, a function that changes it, and one that resets it. Mount the component with
 * the version's digest as `key`.
 */
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

/** Deletes a draft that was saved as a version. */
export const forgetDraft = (digest: string): void => void drafts.delete(digest)
