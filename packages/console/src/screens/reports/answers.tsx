import { Button } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { type ReactNode, useState } from "react"
import { Fact, Facts } from "../../parts/facts.tsx"
import { dateTime } from "../../parts/format.ts"
import { Id } from "../../parts/id.tsx"
import { Failed, Loading } from "../../parts/states.tsx"
import { type Answer, answersQuery, readReceived, type Step, type Summary } from "./queries.ts"
import { reports as say } from "./words.ts"

/**
 * The CyberTipline's answers to each call of a report: receipts, request ids and refusals, newest first. Open at
 * once for a held report.
 */
export function Answers({ report, steps }: { readonly report: Summary; readonly steps: readonly Step[] }): ReactNode {
  const [isOpen, setOpen] = useState(report.state === "held")
  const answered = steps.filter(({ outcome }) => outcome !== undefined).length
  const { data, error, refetch } = useQuery({ ...answersQuery(report.id, answered), enabled: isOpen })
  if (answered === 0) return null
  const isFinished = report.state === "finished"
  return (
    <section className="stack-tight" aria-labelledby="answers-title">
      <h2 id="answers-title">{say.answers.title}</h2>
      <p className="quiet">{say.answers.lead}</p>
      {!isOpen && (
        <p>
          <Button variant="default" onClick={() => setOpen(true)}>
            {say.answers.read}
          </Button>
        </p>
      )}
      {isOpen && error !== null && <Failed error={error} onRetry={() => void refetch()} />}
      {isOpen && error === null && data === undefined && <Loading rows={3} />}
      {data?.length === 0 && <p>{say.answers.none}</p>}
      {data !== undefined && isFinished && !data.some(isReceipt) && <p>{say.answers.noReceipt}</p>}
      {data?.toReversed().map((answer) => (
        <AnswerView key={answer.ordinal} reportId={report.id} answer={answer} />
      ))}
    </section>
  )
}

const isReceipt = ({ files, text }: Answer) => files !== undefined && text !== undefined

function AnswerView({ reportId, answer }: { readonly reportId: string; readonly answer: Answer }): ReactNode {
  const { call, startedAt, kind, responseCode, reason, detail, evidenceId, files, text, ordinal } = answer
  const words = responseCode === undefined ? undefined : (say.responses[responseCode] ?? say.responseUnknown)
  return (
    <article className="stack-tight">
      <h3>
        {isReceipt(answer) ? say.answers.receipt : say.progress.callWords[call]},{" "}
        <time dateTime={startedAt}>{dateTime(startedAt)}</time>
      </h3>
      <p>
        {say.progress.outcomes[kind]}
        {responseCode !== undefined && ` (${responseCode}: ${words})`}
        {reason !== undefined && ` (${reason})`} {evidenceId !== undefined && <Id id={evidenceId} />}
      </p>
      {detail !== undefined && (
        <p>
          {say.answers.said}: <q>{detail}</q>
        </p>
      )}
      <Facts>
        <TextFact name={say.answers.requestId} value={answer.requestId} />
        <TextFact name={say.answers.status} value={answer.httpStatus?.toString()} />
        <TextFact name={say.answers.fileId} value={answer.fileId} />
        <TextFact name={say.answers.md5} value={answer.md5} />
        <TextFact name={say.answers.receivedMd5} value={answer.receivedMd5} />
        <TextFact name={say.answers.sha256} value={answer.sha256} />
        <TextFact name={say.answers.files} value={files?.join(", ")} />
        <TextFact name={say.answers.digest} value={answer.receivedSha256} />
      </Facts>
      {text !== undefined && (
        <details>
          <summary>{say.answers.whole}</summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long text scrolls by keyboard */}
          <pre className="preview-xml mono" tabIndex={0}>
            {text}
          </pre>
          <Button variant="default" size="compact-sm" onClick={() => void save(reportId, ordinal)}>
            {say.answers.download}
          </Button>
        </details>
      )}
    </article>
  )
}

function TextFact({ name, value }: { readonly name: string; readonly value: string | undefined }): ReactNode {
  return value === undefined || value === "" ? null : <Fact name={name}>{value}</Fact>
}

async function save(reportId: string, ordinal: number): Promise<void> {
  const binary = atob(await readReceived(reportId, ordinal))
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0))
  const url = URL.createObjectURL(new Blob([bytes], { type: "application/xml" }))
  const link = document.createElement("a")
  link.href = url
  link.download = `${reportId}-answer-${ordinal}.xml`
  link.click()
  URL.revokeObjectURL(url)
}
