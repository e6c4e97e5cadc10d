import { Button, TextInput } from "@mantine/core"
import type { ManualFilingAnswer } from "@nightlight/contract/server"
import { type ReactNode, useState } from "react"
import { call } from "../../api/call.ts"
import type { SchemaOutput } from "../../api/schema-output.ts"
import { useApprovalRequest } from "../../custody/use-approval-request.ts"
import { Fault } from "../../parts/states.tsx"
import type { Summary } from "./queries.ts"
import { reports as say } from "./words.ts"

/**
 * Manual filing in two steps: the sheet to type into the CyberTipline's form, then the number that the form gave, which
 * two people confirm.
 */
export function ManualFiling({
  report,
  onSheet,
}: {
  readonly report: Summary
  readonly onSheet: () => void
}): ReactNode {
  const [number, setNumber] = useState("")
  const ask = useApprovalRequest(
    () =>
      call<SchemaOutput<typeof ManualFilingAnswer>>("POST", `/v1/reports/${report.id}/manual-filing`, {
        body: { remoteReportId: number },
      }),
    () => ({ kind: "report.manual-filing", subject: report.id, payload: { remoteReportId: number } }),
    ["reports", "approvals"],
    () => setNumber(""),
  )
  return (
    <details className="action-more">
      <summary>{say.manual.title}</summary>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          ask.mutate(undefined)
        }}
      >
        <p className="quiet">{say.manual.lead}</p>
        <div>
          <Button variant="default" onClick={onSheet}>
            {say.manual.sheet}
          </Button>
        </div>
        <TextInput
          label={say.manual.number}
          description={say.manual.numberHint}
          inputMode="numeric"
          maxLength={19}
          required
          value={number}
          onChange={(event) => setNumber(event.currentTarget.value.replaceAll(/\D/g, ""))}
        />
        {report.environment === "test" && <p className="quiet">{say.manual.production}</p>}
        <div>
          <Button type="submit" variant="default" disabled={number === ""} loading={ask.isPending}>
            {say.manual.ask}
          </Button>
        </div>
        <Fault error={ask.error} />
        <p role="status">{ask.isSuccess && say.manual.asked}</p>
      </form>
    </details>
  )
}
