import { Button } from "@mantine/core"
import type { ReactNode } from "react"
import { signing } from "#messages/signing.ts"
import { useKeys } from "../../keys/keys.tsx"
import { count, dateTime } from "../../parts/format.ts"
import { Name } from "../../parts/name.tsx"
import { Section } from "../../parts/section.tsx"
import { Fault } from "../../parts/states.tsx"
import { Tag } from "../../parts/tag.tsx"
import { useAction } from "../../parts/use-action.ts"
import { type Verification, verifyLog } from "./queries.ts"
import { audit as say } from "./words.ts"

const { verify: words } = say

/** A button that verifies the log, and the result in words. */
export function Verify(): ReactNode {
  const verify = useAction(verifyLog, [])
  useKeys([{ key: "v", label: say.keys.verify, group: say.keys.group, run: () => verify.mutate(undefined) }])
  return (
    <Section title={words.title} lead={words.lead}>
      <div className="row">
        <Button loading={verify.isPending} onClick={() => verify.mutate(undefined)}>
          {words.do}
        </Button>
      </div>
      <Fault error={verify.error} />
      <div className="stack" role="status">
        {verify.data !== undefined && <VerificationResult found={verify.data} />}
      </div>
    </Section>
  )
}

function VerificationResult({ found }: { readonly found: Verification }): ReactNode {
  const { ok, events, unchangedThroughSeq, unchangedSince, problem, row, approvals, unattested } = found
  const { restarts = [] } = found
  return (
    <>
      <p>
        <Tag tone={ok ? "green" : "brick"}>{ok ? words.ok : words.bad}</Tag>
      </p>
      {problem !== undefined && (
        <>
          <p>{words.problems[problem.code] ?? problem.code}</p>
          {problem.seq > 0 && (
            <p>
              {problem.seq === problem.throughSeq
                ? words.badAt(count(problem.seq))
                : words.badBetween(count(problem.seq), count(problem.throughSeq))}{" "}
              {unchangedThroughSeq > 0 && words.badSafe(count(unchangedThroughSeq))}
            </p>
          )}
          <p>{words.badNext}</p>
        </>
      )}
      {row !== undefined && (
        <>
          <p>{words.rowDiffers(row.table, row.id)}</p>
          <p>{words.badNext}</p>
        </>
      )}
      {ok && (
        <p>
          {unchangedThroughSeq === 0 ? words.nothingSigned : words.okThrough(count(unchangedThroughSeq), count(events))}{" "}
          {unchangedSince !== undefined && words.since(dateTime(unchangedSince))}
        </p>
      )}
      {ok && (
        <p>
          {approvals === undefined
            ? words.approvalsUnchecked
            : words.approvals(count(approvals.decided), approvals.unsigned)}
        </p>
      )}
      {restarts.map(({ number, at, person, reason, agreesThroughSeq, startSeq }) => (
        <p key={number}>
          {words.restarted(count(startSeq), dateTime(at), signing.restartReasons[reason] ?? reason)}{" "}
          <Name id={person} />.{" "}
          {agreesThroughSeq < startSeq && words.unsaid(count(agreesThroughSeq + 1), count(startSeq))}
        </p>
      ))}
      {ok && unattested !== undefined && unchangedThroughSeq > 0 && (
        <p className="quiet">
          {unattested.fromSeq === unattested.throughSeq
            ? words.unattestedOne(count(unattested.fromSeq))
            : words.unattested(count(unattested.fromSeq), count(unattested.throughSeq))}
        </p>
      )}
    </>
  )
}
