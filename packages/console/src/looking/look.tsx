/**
 * Looking: never on load. Why, then what is about to be shown in words, then hold to see.
 * @module
 */
import { Button, Kbd } from "@mantine/core"
import { useFocusTrap, useMergedRef } from "@mantine/hooks"
import type { LookReason } from "@nightlight/contract/custodian"
import { Link } from "@tanstack/react-router"
import { type ReactNode, useEffect, useRef, useState } from "react"
import { common } from "#messages/common.ts"
import { looking as say } from "#messages/looking.ts"
import type { PersonKey } from "../custody/person-key.ts"
import { usePersonKey } from "../custody/use-person-key.ts"
import { Id } from "../parts/id.tsx"
import { Loading } from "../parts/states.tsx"
import { useAway } from "../shell/away.ts"
import type { CaseItem } from "./ask.ts"
import { reasonOf, rememberReason } from "./reasons.ts"
import { SeeingPlace } from "./seeing-place.tsx"
import { useLookKeys } from "./use-look-keys.ts"
import { Why } from "./why.tsx"
import "./looking.css"

/** What {@link Look} shows. */
export interface LookProps {
  readonly caseId: string
  readonly item: CaseItem
  readonly onClosed: () => void
}

/** A page over the page: nothing of the item is fetched before it is held. */
export function Look({ caseId, item: caseItem, onClosed }: LookProps): ReactNode {
  const key = usePersonKey()
  const [reason, setReason] = useState<LookReason | undefined>(() => reasonOf(caseId))
  const [isHeld, setHeld] = useState(false)
  const trap = useFocusTrap(true)
  const root = useRef<HTMLDivElement>(null)
  const frame = useMergedRef(root, trap)
  const { takeBreak } = useAway()
  useLookKeys(root, { Escape: onClosed, b: takeBreak })
  useFocusBack()
  const choose = (chosen: LookReason) => {
    rememberReason(caseId, chosen)
    setReason(chosen)
  }
  return (
    <div className="look" role="dialog" aria-modal="true" aria-label={say.title} data-held={isHeld} ref={frame}>
      <div className="look-inner">
        <header className="row-between look-aside">
          <p className="quiet">
            {say.title} · <Id id={caseId} />
          </p>
          <Button variant="subtle" onClick={onClosed} rightSection={<Kbd aria-hidden="true">{say.closeKey}</Kbd>}>
            {say.close}
          </Button>
        </header>
        <Stage
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

function Stage(props: {
  readonly caseId: string
  readonly item: CaseItem
  readonly keyPair: PersonKey | null | undefined
  readonly reason: LookReason | undefined
  readonly onReason: (reason: LookReason) => void
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
  if (reason === undefined) return <Why root={props.root} onChosen={props.onReason} />
  return (
    <SeeingPlace
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

/** Gives the focus back to what had it before. */
function useFocusBack(): void {
  useEffect(() => {
    const before = document.activeElement
    return () => {
      if (before instanceof HTMLElement) before.focus({ preventScroll: true })
    }
  }, [])
}
