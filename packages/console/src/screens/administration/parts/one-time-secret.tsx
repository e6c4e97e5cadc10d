import { Button, CopyButton } from "@mantine/core"
import { type ReactNode, useEffect, useRef } from "react"
import { common } from "#messages/common.ts"
import { administration as say } from "../words.ts"

const { shownOnce: words } = say

/** A link or token that is shown once, with buttons to copy and to dismiss it. Takes the focus. */
export function OneTimeSecret(props: {
  readonly title: string
  /** Name of the secret. */
  readonly label: string
  readonly secret: string
  readonly hint?: string
  readonly onPutAway: () => void
}): ReactNode {
  const { title, label, secret, hint, onPutAway } = props
  const frame = useRef<HTMLElement>(null)
  useEffect(() => frame.current?.focus(), [])
  return (
    <section className="administration-secret" ref={frame} tabIndex={-1} aria-label={title}>
      <h3>{title}</h3>
      <p>
        <strong>{words.title}.</strong> {words.hint}
      </p>
      <div>
        <span className="quiet">{label}</span>
        <code className="mono administration-token">{secret}</code>
      </div>
      {hint !== undefined && <p className="quiet">{hint}</p>}
      <div className="row">
        <CopyButton value={secret}>
          {({ copied, copy }) => (
            <Button onClick={copy} aria-live="polite">
              {copied ? common.copied : common.copy}
            </Button>
          )}
        </CopyButton>
        <Button variant="default" onClick={onPutAway}>
          {words.putAway}
        </Button>
      </div>
    </section>
  )
}
