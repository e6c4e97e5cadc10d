import { Button, Kbd } from "@mantine/core"
import { useFocusTrap, useMergedRef } from "@mantine/hooks"
import type { ViewingReason } from "@nightlight/contract/custodian"
import { Link } from "@tanstack/react-router"
import { type ReactNode, useEffect, useRef, useState } from "react"
import { common } from "#messages/common.ts"
import { viewing as say } from "#messages/viewing.ts"
import type { PersonKey } from "../custody/person-key.ts"
import { usePersonKey } from "../custody/use-person-key.ts"
import { Id } from "../parts/id.tsx"
import { Loading } from "../parts/states.tsx"
import { useAway } from "../shell/away.ts"
import { reasonOf, rememberReason } from "./reasons.ts"
import type { CaseItem } from "./request-viewing.ts"
import { useViewingKeys } from "./use-viewing-keys.ts"
import { ViewingPlace } from "./viewing-place.tsx"
import { ViewingReasonForm } from "./viewing-reason-form.tsx"
import "./viewing.css"

interface ViewingProps {
  readonly caseId: string
  readonly item: CaseItem
  readonly onClosed: () => void
}

/**
 * The viewing dialog, over the page: first the reason, then a description in words, then hold to view. Nothing of the
 * item is fetched before it is held.
 */
export function Viewing({ caseId, item: caseItem, onClosed }: ViewingProps): ReactNode {
  const key = usePersonKey()
  const [reason, setReason] = useState<ViewingReason | undefined>(() => reasonOf(caseId))
  const [isHeld, setHeld] = useState(false)
  const trap = useFocusTrap(true)
  const root = useRef<HTMLDivElement>(null)
  const frame = useMergedRef(root, trap)
  const { takeBreak } = useAway()
  useViewingKeys(root, { Escape: onClosed, b: takeBreak })
  useFocusBack()
  const choose = (chosen: ViewingReason) => {
    rememberReason(caseId, chosen)
    setReason(chosen)
  }
  return (
    <div className="viewing" role="dialog" aria-modal="true" aria-label={say.title} data-held={isHeld} ref={frame}>
      <div className="viewing-inner">
        <header className="row-between viewing-aside">
          <p className="quiet">
            {say.title} · <Id id={caseId} />
          </p>
          <Button variant="subtle" onClick={onClosed} rightSection={<Kbd aria-hidden="true">{say.closeKey}</Kbd>}>
            {say.close}
          </Button>
        </header>
        <ViewingStep
          caseId={caseId}
          item={caseItem}
          keyPair={key}
          reason={reason}
          onReason={choose}
          onOtherReason={() => setReason(undefined)}
          onHeld={setHeld}
          root={root}
        />
      </div>
    </div>
  )
}

function ViewingStep(props: {
  readonly caseId: string
  readonly item: CaseItem
  readonly keyPair: PersonKey | null | undefined
  readonly reason: ViewingReason | undefined
  readonly onReason: (reason: ViewingReason) => void
  readonly onOtherReason: () => void
  readonly onHeld: (isHeld: boolean) => void
  readonly root: React.RefObject<HTMLDivElement | null>
}): ReactNode {
  const { caseId, item: caseItem, keyPair, reason } = props
  if (caseItem.evidence?.content !== "verified") return <p role="alert">{say.faults.noContent}</p>
  if (keyPair === undefined) return <Loading rows={3} />
  if (keyPair === null) {
    return (
      <div className="stack" role="alert">
        <h2>{common.key.missing}</h2>
        <p>
          {common.key.missingHint} {say.faults.without}
        </p>
        <Link to="/settings">{say.faults.toSettings}</Link>
      </div>
    )
  }
  if (reason === undefined) return <ViewingReasonForm root={props.root} onChosen={props.onReason} />
  return (
    <ViewingPlace
      caseId={caseId}
      item={caseItem}
      keyPair={keyPair}
      reason={reason}
      root={props.root}
      onHeld={props.onHeld}
      onOtherReason={props.onOtherReason}
    />
  )
}

/** Returns the focus to the element that had it before. */
function useFocusBack(): void {
  useEffect(() => {
    const before = document.activeElement
    return () => {
      if (before instanceof HTMLElement) before.focus({ preventScroll: true })
    }
  }, [])
}
