import { Button } from "@mantine/core"
import { compact } from "@nightlight/contract"
import type { ApprovalView } from "@nightlight/contract/server"
import { useQuery } from "@tanstack/react-query"
import { type ReactNode, useEffect, useRef } from "react"
import { common } from "#messages/common.ts"
import { useCan } from "../../api/me.ts"
import { type Offer, OfferedActions } from "../../parts/offered-actions.tsx"
import { WaitingApprovals } from "../../parts/two-person.tsx"
import { useWaitingApprovals } from "../../parts/two-person-queries.ts"
import { ActivateForm, RollBackForm } from "./activate-form.tsx"
import { type Policies, policiesQuery, type Version } from "./queries.ts"
import { EndShadowForm, StartShadowForm } from "./shadow-form.tsx"
import { TrialSummary } from "./trial-summary.tsx"
import { TryForm } from "./try-form.tsx"
import { policies as say } from "./words.ts"

/**
 * The right column of a policy version: try it, run it in shadow, request its activation or a rollback. Mount it with
 * the version's digest as `key`.
 */
export function PolicyActions(props: {
  readonly digest: string
  readonly onTrial: (trialId: string) => void
  readonly onWrite: () => void
}): ReactNode {
  const { digest, onTrial, onWrite } = props
  const can = useCan()
  const { data: list } = useQuery(policiesQuery)
  const concerns = concerning(digest)
  const waits = useWaitingApprovals(concerns).some(({ state }) => state === "waiting")
  const frame = useRef<HTMLDivElement>(null)
  // The pressed button is gone, so the focus moves to the approval that now waits.
  useEffect(() => {
    if (waits && document.activeElement === document.body) frame.current?.focus()
  }, [waits])
  const version = list?.policies.find((each) => each.digest === digest)
  if (list === undefined || version === undefined) return null
  const offers = offersFor({ version, list, can, waits, onTrial })
  const mayAsk = can("policy:activate")
  return (
    <div className="stack-wide policies-actions" ref={frame} tabIndex={-1}>
      <WaitingApprovals title={common.approval.waiting} of={concerns} />
      <section className="stack">
        <h2>{say.actionsLabel}</h2>
        <OfferedActions offers={offers} />
        {version.state !== "active" && <TrialSummary digest={digest} />}
        {can("policy:edit") && (
          <Button variant="subtle" onClick={onWrite}>
            {say.version.writeFrom}
          </Button>
        )}
        {!mayAsk && <p className="quiet">{say.activate.notYours}</p>}
      </section>
    </div>
  )
}

function offersFor(about: {
  readonly version: Version
  readonly list: Policies
  readonly can: (permission: string) => boolean
  readonly waits: boolean
  readonly onTrial: (trialId: string) => void
}): readonly Offer[] {
  const { version, list, can, waits, onTrial } = about
  const { digest, state } = version
  const isOther = list.shadow !== undefined && list.shadow !== digest
  const offers: readonly (Offer | false)[] = [
    {
      id: "try",
      label: say.trial.open,
      form: (close) => <TryForm digest={digest} onTrial={onTrial} onClose={close} />,
    },
    can("policy:edit") &&
      state === "shadow" && {
        id: "end-shadow",
        label: say.shadow.end,
        form: (close) => <EndShadowForm digest={digest} onClose={close} />,
      },
    can("policy:edit") &&
      state !== "shadow" &&
      state !== "active" && {
        id: "shadow",
        label: say.shadow.open,
        form: (close) => (
          <StartShadowForm digest={digest} {...compact({ other: isOther ? list.shadow : undefined })} onClose={close} />
        ),
      },
    can("policy:activate") &&
      !waits &&
      state !== "active" &&
      list.active !== undefined && {
        id: "activate",
        label: say.activate.open,
        form: (close) => <ActivateForm version={version} list={list} onClose={close} />,
      },
    can("policy:activate") &&
      !waits &&
      state === "active" &&
      list.previous !== undefined && {
        id: "roll-back",
        label: say.rollBack.open,
        form: (close) => <RollBackForm version={version} list={list} onClose={close} />,
      },
  ]
  return offers.filter((offer) => offer !== false)
}

/** Selects approvals that would activate or replace a version. */
function concerning(digest: string): (approval: ApprovalView) => boolean {
  return ({ kind, payload }) => {
    if (!kind.startsWith("policy.")) return false
    const { activates, replaces } = payload as Readonly<Record<string, unknown>>
    return activates === digest || replaces === digest
  }
}
