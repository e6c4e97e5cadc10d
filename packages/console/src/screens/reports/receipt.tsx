import type { ReactNode } from "react"
import { Copy } from "../../parts/copy.tsx"
import { Fact, Facts } from "../../parts/facts.tsx"
import { dateTime } from "../../parts/format.ts"
import { Name } from "../../parts/name.tsx"
import type { Summary } from "./queries.ts"
import { reports as say } from "./words.ts"

/** The CyberTipline's receipt, shown above a filed report; nothing before it is filed. */
export function Receipt({ report }: { readonly report: Summary }): ReactNode {
  const { remoteReportId, finishedAt, state, environment, preparedBy, approvedBy, singlePersonReason, automatic } =
    report
  if (remoteReportId === undefined || finishedAt === undefined) return null
  return (
    <section className={environment === "test" ? "receipt receipt-test" : "receipt"} aria-labelledby="receipt-title">
      <h2 id="receipt-title">{environment === "test" ? say.receipt.testTitle : say.receipt.title}</h2>
      <Facts>
        <Fact name={say.receipt.number}>
          <span className="receipt-number">{remoteReportId}</span> <Copy value={remoteReportId} />
        </Fact>
        <Fact name={state === "manual" ? say.receipt.manuallyFiledAt : say.receipt.finishedAt}>
          <time dateTime={finishedAt}>{dateTime(finishedAt)}</time>
        </Fact>
        <Fact name={say.receipt.by}>
          {automatic === undefined ? (
            <>
              <Name id={preparedBy} />
              {singlePersonReason === undefined && approvedBy !== undefined && (
                <>
                  {" "}
                  {say.receipt.and} <Name id={approvedBy} />
                </>
              )}
              {singlePersonReason !== undefined &&
                `, ${say.alone.was(say.alone.reasons[singlePersonReason] ?? singlePersonReason)}`}
            </>
          ) : (
            say.automatic.nobody
          )}
        </Fact>
      </Facts>
    </section>
  )
}
