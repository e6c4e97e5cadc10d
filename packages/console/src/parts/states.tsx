import { Button, Skeleton } from "@mantine/core"
import type { ReactNode } from "react"
import { common } from "#messages/common.ts"
import { CallError } from "../api/problem.ts"
import "./states.css"

/** Shown in place of an empty list: what that means, and what to do next. */
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

/** A skeleton in place of content that is being loaded. */
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
        // Skeleton lines have no other key than their index.
        // biome-ignore lint/suspicious/noArrayIndexKey: rows never change order
        <Skeleton key={row} height={rowHeight} animate={false} />
      ))}
    </div>
  )
}

/** A loading error in words, with a button to retry. */
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

/** An error in a sentence: the console's words if the code is known, otherwise the server's. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof CallError)) return common.actionFailed
  const known = common.errors[error.code]
  // For these codes the server's message is more specific than the console's words.
  const exact = ["state_conflict", "input_invalid", "forbidden", "policy_invalid"].includes(error.code)
  const title = exact || known === undefined ? sentence(error.message) : known
  return error.hint === undefined ? title : `${title} ${error.hint}`
}

function sentence(text: string): string {
  const upper = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(upper) ? upper : `${upper}.`
}

/** The error of a failed action, beside its form; nothing if there is none. */
export function Fault({ error }: { readonly error: unknown }): ReactNode {
  if (error === null || error === undefined) return null
  return (
    <p className="fault" role="alert">
      {wordsOf(error)}
    </p>
  )
}
