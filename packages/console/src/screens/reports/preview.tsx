import { Button, SegmentedControl } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { type ReactNode, useState } from "react"
import { useKeys } from "../../keys/keys.tsx"
import { Id } from "../../parts/id.tsx"
import { Failed, Loading } from "../../parts/states.tsx"
import { ProblemList } from "./problem-list.tsx"
import { type Detail, previewQuery, type Summary } from "./queries.ts"
import { reports as say } from "./words.ts"

/** The documents of a report exactly as they are sent. */
export function PreviewView({
  head,
  detail,
  onClose,
}: {
  readonly head: Summary
  readonly detail: Detail
  readonly onClose: () => void
}): ReactNode {
  const hasProblems = detail.problems.length > 0
  const { data, error, refetch } = useQuery({ ...previewQuery(head.id, head.version), enabled: !hasProblems })
  const [layout, setLayout] = useState<"indented" | "sent">("indented")
  useKeys([{ key: "Escape", label: say.key.closePreview, group: say.key.group, run: onClose }])
  return (
    <div className="stack-wide">
      <div className="row-between">
        <Button variant="default" onClick={onClose}>
          {say.preview.back}
        </Button>
        {data !== undefined && (
          <SegmentedControl
            aria-label={say.preview.layout}
            value={layout}
            onChange={(next) => setLayout(next === "sent" ? "sent" : "indented")}
            data={[
              { value: "indented", label: say.preview.indented },
              { value: "sent", label: say.preview.asSent },
            ]}
          />
        )}
      </div>
      {hasProblems && (
        <section className="stack">
          <p>{say.preview.notYet}</p>
          <ProblemList detail={detail} />
        </section>
      )}
      {error !== null && <Failed error={error} onRetry={() => void refetch()} />}
      {!hasProblems && error === null && data === undefined && <Loading rows={6} rowHeight={32} />}
      {data !== undefined && (
        <p className="quiet">
          {say.preview.lead} {!data.idsGiven && say.preview.noIds}
        </p>
      )}
      {data?.documents.map(({ evidenceId, xml, replaced }, place) => (
        <section key={evidenceId ?? "report"} className="stack-tight" aria-labelledby={`preview-${place}`}>
          <h2 id={`preview-${place}`}>
            {evidenceId === undefined ? say.preview.report : say.preview.file(place, data.documents.length - 1)}{" "}
            {evidenceId !== undefined && <Id id={evidenceId} />}
          </h2>
          {replaced > 0 && <p className="amber">{say.preview.replaced(replaced)}</p>}
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long text scrolls by keyboard */}
          <pre className="preview-xml mono" tabIndex={0}>
            {layout === "sent" ? xml : indented(xml)}
          </pre>
        </section>
      ))}
    </div>
  )
}

/** One element per line. The writer escapes angle brackets in text, so splitting at them is safe. */
function indented(xml: string): string {
  const lines: string[] = []
  let depth = 0
  let line = ""
  for (const token of xml.split(/(<[^>]*>)/)) {
    if (token === "" || token === "\n") continue
    const isTag = token.startsWith("<")
    const isEnd = token.startsWith("</")
    const isHead = token.startsWith("<?")
    if (!isTag) {
      line += token
      continue
    }
    if (isEnd) {
      depth -= 1
      // An element with only text stays on one line.
      if (line === "") lines.push(`${"  ".repeat(depth)}${token}`)
      else lines.push(`${line}${token}`)
      line = ""
      continue
    }
    if (line !== "") lines.push(line)
    line = ""
    if (isHead) lines.push(token)
    else {
      line = `${"  ".repeat(depth)}${token}`
      depth += 1
    }
  }
  if (line !== "") lines.push(line)
  return lines.join("\n")
}
