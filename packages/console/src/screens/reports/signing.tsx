/**
 * The forms that sign a report: as preparer, as approver, or as the only person.
 * @module
 */

import { Button, Kbd, Radio, VisuallyHidden } from "@mantine/core"
import { compact } from "@nightlight/contract"
import { useQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import { type ReactNode, useState } from "react"
import { common } from "#messages/common.ts"
import { useCan, useMe } from "../../api/me.ts"
import { SignedWith } from "../../custody/signed-with.tsx"
import { usePersonKey } from "../../custody/use-person-key.ts"
import { useKeys } from "../../keys/keys.tsx"
import { Name } from "../../parts/name.tsx"
import { Fault } from "../../parts/states.tsx"
import { useAction } from "../../parts/use-action.ts"
import { type Detail, formQuery, type Summary } from "./queries.ts"
import { approve, fileAlone, propose, type Signer } from "./sign.ts"
import { reports as say } from "./words.ts"

interface SignProps {
  readonly report: Summary
  /** The present version's content. Nothing is signed that the page does not show. */
  readonly detail: Detail | undefined
  /** Hides the form, as while the report is being edited. */
  readonly isHidden?: boolean
}

/**
 * The user and their key. `signer` is `undefined` without a key in this browser, and until the report's form is loaded.
 */
function useSigner(): { readonly signer: Signer | undefined; readonly isMissing: boolean } {
  const { id: person } = useMe()
  const key = usePersonKey()
  const { isSuccess: isShown } = useQuery(formQuery)
  const isReady = isShown && key !== undefined && key !== null
  return { signer: isReady ? { person, key } : undefined, isMissing: key === null }
}

function NoKey(): ReactNode {
  return (
    <p className="notice-line">
      {common.key.missing} <Link to="/settings">{common.key.missingHint}</Link>
    </p>
  )
}

/** Signs as the preparer. */
export function SignFirst({
  report,
  detail,
  isHidden = false,
  isAgain = false,
}: SignProps & { readonly isAgain?: boolean }): ReactNode {
  const can = useCan()
  const { signer, isMissing } = useSigner()
  const action = useAction(async () => {
    if (detail !== undefined && signer !== undefined) return await propose(detail, signer)
    return undefined
  }, ["reports"])
  const isReady = can("report:prepare") && detail !== undefined && detail.problems.length === 0 && signer !== undefined
  const sign = () => action.mutate(undefined)
  useKeys([
    {
      key: "a",
      label: say.key.sign,
      group: say.key.group,
      run: sign,
      when: isReady && !isHidden && !isAgain && !action.isPending,
    },
  ])
  if (isHidden) return <p className="quiet">{say.sign.saveFirst}</p>
  return (
    <div className="stack">
      {!isAgain && <p>{say.sign.first(detail?.files.length ?? 0)}</p>}
      {isMissing && <NoKey />}
      <SignedWith kind="filing" />
      <div>
        <Button
          onClick={sign}
          disabled={!isReady}
          loading={action.isPending}
          variant={isAgain ? "default" : "filled"}
          rightSection={isAgain ? undefined : <Kbd size="xs">a</Kbd>}
        >
          {isAgain ? say.sign.again : say.sign.propose}
        </Button>
      </div>
      {isAgain && <p className="quiet">{say.sign.againHint}</p>}
      <Fault error={action.error} />
      <VisuallyHidden role="status">{action.isSuccess && say.sign.proposed}</VisuallyHidden>
      {report.environment === "production" && !isAgain && <p className="quiet">{say.sign.productionFirst}</p>}
    </div>
  )
}

/** Signs as the approver, which files the report. */
export function SignApproval({ report, detail, isHidden = false }: SignProps): ReactNode {
  const can = useCan()
  const { signer, isMissing } = useSigner()
  const action = useAction(async () => {
    if (detail !== undefined && signer !== undefined) return await approve(detail, signer)
    return undefined
  }, ["reports", "cases", "preservation"])
  const mayApprove = can("report:approve") && detail?.mayApprove === true
  const isReady = mayApprove && signer !== undefined
  const isFinal = report.environment === "production"
  const [isConfirming, setConfirming] = useState(false)
  const press = () => (isFinal && !isConfirming ? setConfirming(true) : action.mutate(undefined))
  useKeys([
    {
      key: "a",
      label: say.key.approve,
      group: say.key.group,
      run: press,
      when: isReady && !isHidden && !isConfirming && !action.isPending,
    },
  ])
  if (!can("report:approve")) return <p>{say.actions.waitsForApproval}</p>
  if (isHidden) return <p className="quiet">{say.sign.saveFirst}</p>
  return (
    <div className="stack">
      <p>
        <Name id={report.preparedBy} /> {say.sign.second}
      </p>
      {detail !== undefined && !detail.mayApprove && <p className="notice-line">{common.approval.notYou}</p>}
      {isMissing && <NoKey />}
      <SignedWith kind="filing" />
      <p className="quiet">{isFinal ? say.sign.productionSecond : say.sign.testSecond}</p>
      {isConfirming ? (
        <div className="row">
          <Button color="brick" autoFocus onClick={press} loading={action.isPending}>
            {say.sign.confirmApprove}
          </Button>
          <Button variant="default" onClick={() => setConfirming(false)}>
            {common.back}
          </Button>
        </div>
      ) : (
        <div>
          <Button
            onClick={press}
            disabled={!isReady}
            loading={action.isPending}
            rightSection={<Kbd size="xs">a</Kbd>}
            {...compact({ color: isFinal ? "brick" : undefined })}
          >
            {isFinal ? say.sign.approveProduction : say.sign.approveTest}
          </Button>
        </div>
      )}
      <Fault error={action.error} />
      {can("report:prepare") && <p className="quiet">{say.sign.orEdit}</p>}
    </div>
  )
}

/** Signs as the only person, if nobody else is available. */
export function SignAlone({ report, detail }: SignProps): ReactNode {
  const { signer, isMissing } = useSigner()
  const [reason, setReason] = useState("")
  const action = useAction(async () => {
    if (detail !== undefined && signer !== undefined) return await fileAlone(detail, signer, reason)
    return undefined
  }, ["reports", "cases", "preservation"])
  const isReady = detail !== undefined && detail.problems.length === 0 && signer !== undefined && reason !== ""
  return (
    <details className="action-more">
      <summary>{say.alone.title}</summary>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          action.mutate(undefined)
        }}
      >
        <p className="quiet">{say.alone.lead}</p>
        {isMissing && <NoKey />}
        <SignedWith kind="filing" />
        <Radio.Group label={say.alone.why} value={reason} onChange={setReason} required>
          <div className="stack-tight approval-reasons">
            {Object.entries(say.alone.reasons).map(([value, label]) => (
              <Radio key={value} value={value} label={label} />
            ))}
          </div>
        </Radio.Group>
        <div>
          <Button
            type="submit"
            variant="outline"
            disabled={!isReady}
            loading={action.isPending}
            {...compact({ color: report.environment === "production" ? "brick" : undefined })}
          >
            {say.alone.do}
          </Button>
        </div>
        <Fault error={action.error} />
      </form>
    </details>
  )
}
