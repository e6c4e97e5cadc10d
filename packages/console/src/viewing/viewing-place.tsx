import { Button, Kbd } from "@mantine/core"
import type { ViewingReason } from "@nightlight/contract/custodian"
import { stricterViewing } from "@nightlight/contract/server"
import { useQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import { type ReactNode, type RefObject, useEffect, useRef, useState } from "react"
import { viewing as say } from "#messages/viewing.ts"
import { proveNow } from "../api/call.ts"
import { exposureQuery } from "../api/exposure.ts"
import { useCan, useMe } from "../api/me.ts"
import type { PersonKey } from "../custody/person-key.ts"
import { About } from "./about.tsx"
import { Attest } from "./attest.tsx"
import { budgetWords, faultWords } from "./fault-words.ts"
import { RequestOriginal, useOwnRequest } from "./original.tsx"
import { pendingOf } from "./original-queries.ts"
import { showOriginal } from "./request-original.ts"
import { type CaseItem, requestDerivative } from "./request-viewing.ts"
import { isStricter } from "./settings.ts"
import { useViewing, type Viewing } from "./use-viewing.ts"
import { useViewingKeys } from "./use-viewing-keys.ts"
import { useViewingSettings } from "./use-viewing-settings.ts"
import { ViewingFrame } from "./viewing-frame.tsx"

/** Longest side at which an original is drawn; the page shrinks it to the window. */
const ORIGINAL_PX = 2048

/** A step-up that ends within this time is asked for again. */
const PROOF_LEFT_MS = 10_000

/**
 * The description, the frame to hold with its status line, and buttons for another reason, a closer look and the
 * original.
 */
export function ViewingPlace(props: {
  readonly caseId: string
  readonly item: CaseItem
  readonly keyPair: PersonKey
  readonly reason: ViewingReason
  readonly root: RefObject<HTMLElement | null>
  readonly onHeld: (isHeld: boolean) => void
  readonly onOtherReason: () => void
}): ReactNode {
  const { caseId, item: caseItem, keyPair, reason, root, onHeld } = props
  const me = useMe()
  const can = useCan()
  const { data: exposure } = useQuery(exposureQuery)
  const settings = useViewingSettings()
  const [isCloser, setCloser] = useState(false)
  const [wantsOriginal, setWantsOriginal] = useState(false)
  const canvas = useRef<HTMLCanvasElement>(null)
  const request = useOwnRequest(caseItem.itemId)
  const asked = { caseId, item: caseItem, person: me.id, key: keyPair, reason }
  const own =
    settings.settings === undefined ? undefined : stricterViewing(settings.settings.own, settings.settings.floor)
  const floor = settings.settings?.floor
  const used = isCloser ? floor : own
  const viewing = useViewing({
    canvas,
    ask: async () => {
      if (!wantsOriginal) return requestDerivative(asked)
      const pending = pendingOf(caseItem.itemId)
      if (pending === undefined || request?.proven === undefined) throw new TypeError("the original was not approved")
      return showOriginal(asked, pending, request.proven)
    },
    drawing: wantsOriginal
      ? { sizePx: ORIGINAL_PX, blurPx: 0, greyscale: false }
      : { sizePx: used?.sizePx ?? 1, blurPx: used?.blurPx ?? 0, greyscale: used?.greyscale ?? true },
    showMs: (used?.hideAfterSeconds ?? 1) * 1000,
  })
  const { phase } = viewing.hold
  const isHeld = phase === "filling" || phase === "waiting" || phase === "showing"
  useEffect(() => onHeld(isHeld), [isHeld, onHeld])
  const blocked = viewing.granted === undefined ? exposure?.blocked : undefined
  const isUsedUp = wantsOriginal && viewing.granted === undefined && request?.proven === undefined
  useEffect(() => {
    if (isUsedUp) setWantsOriginal(false)
  }, [isUsedUp])
  const isOff = blocked !== undefined || used === undefined || isUsedUp
  const hasCloser = own !== undefined && floor !== undefined && isStricter(own, floor) && !wantsOriginal
  const closer = () => {
    viewing.end()
    setCloser(true)
  }
  const showing = (isWanted: boolean) => {
    viewing.end()
    setWantsOriginal(isWanted)
  }
  const original = viewing.granted?.grant.purpose === "original" ? viewing.granted : undefined
  const { steppedUpUntil } = me.session
  const isProven = steppedUpUntil !== undefined && Date.parse(steppedUpUntil) > Date.now() + PROOF_LEFT_MS
  // Asked for before the ring fills, so that no dialog opens while somebody holds the frame.
  const press = () => {
    if (viewing.granted === undefined && !isProven) proveNow().catch(() => undefined)
    else viewing.press()
  }
  useViewingKeys(
    root,
    {
      " ": isOff ? undefined : press,
      w: viewing.granted === undefined ? props.onOtherReason : undefined,
      c: hasCloser && !isCloser ? closer : undefined,
    },
    viewing.release,
  )
  return (
    <div className="viewing-columns">
      <div className="viewing-aside viewing-about">
        <About
          caseId={caseId}
          item={caseItem}
          reason={reason}
          purpose={wantsOriginal ? "original" : "derivative"}
          sizePx={used?.sizePx ?? 0}
          isStricter={hasCloser && !isCloser}
        />
      </div>
      <div className="viewing-stage">
        <ViewingFrame viewing={viewing} canvas={canvas} isLarge={wantsOriginal} isOff={isOff} onPress={press} />
        <StatusLine
          viewing={viewing}
          blocked={blocked}
          settingsFailed={settings.isFailed}
          reason={reason}
          hideAfterSeconds={used?.hideAfterSeconds ?? 0}
        />
        <div className="row viewing-aside">
          {viewing.granted === undefined && (
            <Button
              variant="subtle"
              onClick={props.onOtherReason}
              rightSection={<Kbd aria-hidden="true">{say.why.changeKey}</Kbd>}
            >
              {say.why.change}
            </Button>
          )}
          {hasCloser && !isCloser && (
            <Button variant="subtle" onClick={closer} rightSection={<Kbd aria-hidden="true">{say.closer.key}</Kbd>}>
              {say.closer.button}
            </Button>
          )}
        </div>
        {hasCloser && <p className="quiet viewing-aside">{isCloser ? say.closer.on : say.closer.hint}</p>}
      </div>
      {can("viewing:original") && (
        <div className="viewing-aside viewing-more stack-wide">
          {original === undefined && (
            <RequestOriginal asked={asked} request={request} isShown={wantsOriginal} onShow={showing} />
          )}
          {original !== undefined && <Attest viewing={original} seen={viewing.lastShown} keyPair={keyPair} />}
        </div>
      )}
    </div>
  )
}

/** The status line below the frame. */
function StatusLine({
  viewing,
  blocked,
  settingsFailed,
  reason,
  hideAfterSeconds,
}: {
  readonly viewing: Viewing
  readonly blocked: { readonly by: string; readonly until: string } | undefined
  readonly settingsFailed: boolean
  readonly reason: ViewingReason
  readonly hideAfterSeconds: number
}): ReactNode {
  const { hold, error, endReason, granted } = viewing
  const fault = error === undefined ? undefined : faultWords(error)
  return (
    <div className="viewing-line" id="viewing-hint" aria-live="polite">
      {settingsFailed ? (
        <p role="alert">{say.faults.settings}</p>
      ) : fault !== undefined ? (
        <p role="alert">
          {fault.text} {fault.isKey === true && <Link to="/settings">{say.faults.toSettings}</Link>}
        </p>
      ) : blocked !== undefined ? (
        <p>{budgetWords(blocked.by, blocked.until)}</p>
      ) : hold.phase === "waiting" ? (
        <p>{say.hold.waiting}</p>
      ) : hold.phase === "spent" ? (
        <p>{say.hold.spent(hideAfterSeconds)}</p>
      ) : hold.phase === "showing" || hold.phase === "filling" ? (
        <p>{say.why.reasons[reason]}</p>
      ) : endReason !== undefined ? (
        <p>{say.hold[endReason]}</p>
      ) : granted !== undefined && hold.shownMs === 0 ? (
        <p>{say.hold.again}</p>
      ) : (
        <p>{granted === undefined ? `${say.hold.hint} ${say.about.unopened}` : say.hold.hint}</p>
      )}
      {granted !== undefined && hold.phase === "rest" && hold.shownMs > 0 && (
        <p className="quiet">{say.hold.seen(Math.round(hold.shownMs / 1000))}</p>
      )}
    </div>
  )
}
