/**
 * What is about to be shown, the frame to hold, and what else can be asked for.
 * @module
 */
import { Button, Kbd } from "@mantine/core"
import type { LookReason } from "@nightlight/contract/custodian"
import { useQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import { type ReactNode, type RefObject, useEffect, useRef, useState } from "react"
import { looking as say } from "#messages/looking.ts"
import { proveNow } from "../api/call.ts"
import { exposureQuery } from "../api/exposure.ts"
import { useCan, useMe } from "../api/me.ts"
import type { PersonKey } from "../custody/person-key.ts"
import { About } from "./about.tsx"
import { askDerivative, type CaseItem } from "./ask.ts"
import { showOriginal } from "./ask-original.ts"
import { Attest } from "./attest.tsx"
import { budgetWords, faultWords } from "./fault-words.ts"
import { LookFrame } from "./look-frame.tsx"
import { OriginalAsk, useOwnRequest } from "./original.tsx"
import { pendingOf } from "./original-queries.ts"
import { isStricter, stricter } from "./settings.ts"
import { useLookKeys } from "./use-look-keys.ts"
import { useLookSettings } from "./use-look-settings.ts"
import { type Seeing, useSeeing } from "./use-seeing.ts"

/** An original is drawn at most this large; the page shrinks it to the window. */
const ORIGINAL_PX = 2048

/** A proof that ends sooner is asked for anew. */
const PROOF_LEFT_MS = 10_000

/** The place where one sees. */
export function SeeingPlace(props: {
  readonly caseId: string
  readonly item: CaseItem
  readonly keyPair: PersonKey
  readonly reason: LookReason
  readonly root: RefObject<HTMLElement | null>
  readonly onHeld: (isHeld: boolean) => void
  readonly onOtherReason: () => void
}): ReactNode {
  const { caseId, item: caseItem, keyPair, reason, root, onHeld } = props
  const me = useMe()
  const can = useCan()
  const { data: exposure } = useQuery(exposureQuery)
  const settings = useLookSettings()
  const [isCloser, setCloser] = useState(false)
  const [wantsOriginal, setWantsOriginal] = useState(false)
  const canvas = useRef<HTMLCanvasElement>(null)
  const request = useOwnRequest(caseItem.itemId)
  const asked = { caseId, item: caseItem, person: me.id, key: keyPair, reason }
  const own = settings.settings === undefined ? undefined : stricter(settings.settings.own, settings.settings.floor)
  const floor = settings.settings?.floor
  const used = isCloser ? floor : own
  const seeing = useSeeing({
    canvas,
    ask: async () => {
      if (!wantsOriginal) return askDerivative(asked)
      const pending = pendingOf(caseItem.itemId)
      if (pending === undefined || request?.proven === undefined) throw new TypeError("nothing was proven")
      return showOriginal(asked, pending, request.proven)
    },
    drawing: wantsOriginal
      ? { sizePx: ORIGINAL_PX, blurPx: 0, greyscale: false }
      : { sizePx: used?.sizePx ?? 1, blurPx: used?.blurPx ?? 0, greyscale: used?.greyscale ?? true },
    showMs: (used?.hideAfterSeconds ?? 1) * 1000,
  })
  const { phase } = seeing.hold
  const isHeld = phase === "filling" || phase === "waiting" || phase === "showing"
  useEffect(() => onHeld(isHeld), [isHeld, onHeld])
  const blocked = seeing.look === undefined ? exposure?.blocked : undefined
  const isUsedUp = wantsOriginal && seeing.look === undefined && request?.proven === undefined
  useEffect(() => {
    if (isUsedUp) setWantsOriginal(false)
  }, [isUsedUp])
  const isOff = blocked !== undefined || used === undefined || isUsedUp
  const hasCloser = own !== undefined && floor !== undefined && isStricter(own, floor) && !wantsOriginal
  const closer = () => {
    seeing.end()
    setCloser(true)
  }
  const showing = (isWanted: boolean) => {
    seeing.end()
    setWantsOriginal(isWanted)
  }
  const original = seeing.look?.grant.purpose === "original" ? seeing.look : undefined
  const { steppedUpUntil } = me.session
  const isProven = steppedUpUntil !== undefined && Date.parse(steppedUpUntil) > Date.now() + PROOF_LEFT_MS
  // Asked for before the ring fills, so that no dialog comes up beneath a hand that holds.
  const press = () => {
    if (seeing.look === undefined && !isProven) proveNow().catch(() => undefined)
    else seeing.press()
  }
  useLookKeys(
    root,
    {
      " ": isOff ? undefined : press,
      w: seeing.look === undefined ? props.onOtherReason : undefined,
      c: hasCloser && !isCloser ? closer : undefined,
    },
    seeing.release,
  )
  return (
    <div className="look-columns">
      <div className="look-aside look-about">
        <About
          caseId={caseId}
          item={caseItem}
          reason={reason}
          purpose={wantsOriginal ? "original" : "derivative"}
          sizePx={used?.sizePx ?? 0}
          isStricter={hasCloser && !isCloser}
        />
      </div>
      <div className="look-stage">
        <LookFrame seeing={seeing} canvas={canvas} isLarge={wantsOriginal} isOff={isOff} onPress={press} />
        <Line
          seeing={seeing}
          blocked={blocked}
          settingsFailed={settings.isFailed}
          reason={reason}
          hideAfterSeconds={used?.hideAfterSeconds ?? 0}
        />
        <div className="row look-aside">
          {seeing.look === undefined && (
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
        {hasCloser && <p className="quiet look-aside">{isCloser ? say.closer.on : say.closer.hint}</p>}
      </div>
      {can("look:original") && (
        <div className="look-aside look-more stack-wide">
          {original === undefined && (
            <OriginalAsk asked={asked} request={request} isShown={wantsOriginal} onShow={showing} />
          )}
          {original !== undefined && <Attest look={original} seen={seeing.seen} keyPair={keyPair} />}
        </div>
      )}
    </div>
  )
}

/** The one line below the frame. */
function Line({
  seeing,
  blocked,
  settingsFailed,
  reason,
  hideAfterSeconds,
}: {
  readonly seeing: Seeing
  readonly blocked: { readonly by: string; readonly until: string } | undefined
  readonly settingsFailed: boolean
  readonly reason: LookReason
  readonly hideAfterSeconds: number
}): ReactNode {
  const { hold, error, over, look } = seeing
  const fault = error === undefined ? undefined : faultWords(error)
  return (
    <div className="look-line" id="look-hint" aria-live="polite">
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
      ) : over !== undefined ? (
        <p>{say.hold[over]}</p>
      ) : look !== undefined && hold.shownMs === 0 ? (
        <p>{say.hold.again}</p>
      ) : (
        <p>{look === undefined ? `${say.hold.hint} ${say.about.unopened}` : say.hold.hint}</p>
      )}
      {look !== undefined && hold.phase === "rest" && hold.shownMs > 0 && (
        <p className="quiet">{say.hold.seen(Math.round(hold.shownMs / 1000))}</p>
      )}
    </div>
  )
}
