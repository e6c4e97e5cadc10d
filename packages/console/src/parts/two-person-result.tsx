import { Button } from "@mantine/core"
import { compact } from "@nightlight/contract"
import { useQueryClient } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { approvals as say } from "#messages/approvals.ts"
import { common } from "#messages/common.ts"
import { Copy } from "./copy.tsx"
import { Fact, Facts } from "./facts.tsx"
import { dateTime, shortId } from "./format.ts"
import { Tag } from "./tag.tsx"
import { type ApprovedResult, dismissResult } from "./two-person-queries.ts"

/**
 * The result of an approval, for the person who answered it. Some results, such as a link, are shown only this once.
 */
export function ApprovalResult({ answer }: { readonly answer: ApprovedResult }): ReactNode {
  const client = useQueryClient()
  const { approval, result } = answer
  const members = (typeof result === "object" && result !== null ? result : {}) as Readonly<Record<string, unknown>>
  const hasResult = approval.state === "done" && Object.keys(members).length > 0
  return (
    <div className="stack">
      <p role="status">
        {approval.state === "done" && <Tag tone="green">{common.approval.done}</Tag>}{" "}
        {approval.state === "done"
          ? say.doneByYou
          : approval.declineReason === undefined
            ? say.withdrawnByYou
            : say.declinedByYou}
      </p>
      {hasResult && <OneTimeResult members={members} />}
      <div className="row">
        <Button
          variant="default"
          onClick={() => {
            dismissResult(approval.id)
            void client.invalidateQueries({ queryKey: ["approvals"] })
          }}
        >
          {say.close}
        </Button>
      </div>
    </div>
  )
}

function OneTimeResult({ members }: { readonly members: Readonly<Record<string, unknown>> }): ReactNode {
  const { url, expiresAt, certificateId, disclosureId, record, ...others } = members
  const known = typeof url === "string" || typeof record === "object"
  return (
    <div className="approval-once stack">
      {known && (
        <p>
          <strong>{say.shownOnce}.</strong> {say.shownOnceHint}
        </p>
      )}
      <Facts>
        {typeof url === "string" && (
          <Fact
            name={say.results.link}
            {...compact({
              origin: typeof expiresAt === "string" ? say.results.linkHint(dateTime(expiresAt)) : undefined,
            })}
          >
            <span className="mono approval-link">{url}</span> <Copy value={url} />
          </Fact>
        )}
        {typeof certificateId === "string" && (
          <Fact name={say.results.certificate} origin={say.results.certificateHint}>
            <span className="mono">{certificateId}</span>
          </Fact>
        )}
        {typeof disclosureId === "string" && (
          <Fact name={say.results.disclosure}>
            <span className="mono" title={disclosureId}>
              {shortId(disclosureId)}
            </span>
          </Fact>
        )}
        {Object.entries(others).map(([name, value]) => (
          <Fact key={name} name={name}>
            {typeof value === "string" ? value : JSON.stringify(value)}
          </Fact>
        ))}
      </Facts>
      {typeof record === "object" && record !== null && (
        <RecordDocument name={typeof disclosureId === "string" ? disclosureId : "record"} record={record} />
      )}
    </div>
  )
}

function RecordDocument({ name, record }: { readonly name: string; readonly record: object }): ReactNode {
  const text = JSON.stringify(record, undefined, 2)
  const save = () => {
    const url = URL.createObjectURL(new Blob([text], { type: "application/json" }))
    const link = Object.assign(document.createElement("a"), { href: url, download: say.results.saveName(name) })
    link.click()
    URL.revokeObjectURL(url)
  }
  return (
    <div className="stack-tight">
      <h3>{say.results.record}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long text scrolls by keyboard */}
      <pre className="approval-record mono" tabIndex={0}>
        {text}
      </pre>
      <div className="row">
        <Button variant="default" onClick={save}>
          {say.results.save}
        </Button>
        <Copy value={text} />
      </div>
    </div>
  )
}
