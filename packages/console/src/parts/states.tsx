/**
 * Pages that have nothing to show yet: empty, loading, failed.
 * @module
 */
import { Button, Skeleton } from "@mantine/core"
import type { ReactNode } from "react"
import { common } from "#messages/common.ts"
import { CallError } from "../api/problem.ts"
import "./states.css"

/** Nothing is there: what that means, and what happens next. */
export function Empty({
  title,
  hint,
  children,
}: {
  readonly title: string
  readonly hint?: string
  readonly children?: ReactNode
}): ReactNode {
  return (
    <div className="state">
      <h2>{title}</h2>
      {hint !== undefined && <p className="quiet">{hint}</p>}
      {children}
    </div>
  )
}

/** Lines in the place of what is being read. */
export function Loading({
  rows = 6,
  rowHeight = 44,
}: {
  readonly rows?: number | undefined
  readonly rowHeight?: number | undefined
}): ReactNode {
  return (
    <div className="stack" role="status" aria-label={common.loading} style={{ padding: 16 }}>
      {Array.from({ length: rows }, (_, row) => (
        // Places in a skeleton have no other name.
        // biome-ignore lint/suspicious/noArrayIndexKey: rows never change order
        <Skeleton key={row} height={rowHeight} animate={false} />
      ))}
    </div>
  )
}

/** What went wrong, in words, and a way on. */
export function Failed({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }): ReactNode {
  const offline = error instanceof CallError && error.status === 0
  return (
    <div className="state" role="alert">
      <h2>{offline ? common.offlineTitle : common.loadingFailed}</h2>
      <p className="quiet">{offline ? common.offlineHint : wordsOf(error)}</p>
      {onRetry !== undefined && (
        <Button variant="default" onClick={onRetry}>
          {common.retry}
        </Button>
      )}
    </div>
  )
}

/** An error in a sentence: ours where the code is known, else the server's own. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof CallError)) return common.actionFailed
  const known = common.errors[error.code]
  // What the server says of this very call is more exact than the code's own sentence.
  const exact = ["state_conflict", "input_invalid", "forbidden", "policy_invalid"].includes(error.code)
  const title = exact || known === undefined ? sentence(error.message) : known
  return error.hint === undefined ? title : `${title} ${error.hint}`
}

function sentence(text: string): string {
  const upper = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(upper) ? upper : `${upper}.`
}

/** A failed action next to what was typed; nothing where none failed. */
export function Fault({ error }: { readonly error: unknown }): ReactNode {
  if (error === null || error === undefined) return null
  return (
    <p className="fault" role="alert">
      {wordsOf(error)}
    </p>
  )
}
