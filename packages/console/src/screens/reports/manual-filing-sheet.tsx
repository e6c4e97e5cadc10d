import { Button, CopyButton } from "@mantine/core"
import { type ReactNode, useEffect } from "react"
import { common } from "#messages/common.ts"
import { call } from "../../api/call.ts"
import { useKeys } from "../../keys/keys.tsx"
import { DataTable } from "../../parts/data-table.tsx"
import { Fault, Loading } from "../../parts/states.tsx"
import { useAction } from "../../parts/use-action.ts"
import { labelOf } from "./form.ts"
import type { Sheet, Summary } from "./queries.ts"
import { reports as say } from "./words.ts"

/**
 * The sheet for typing a report into the CyberTipline's own form when the service is down: to read, copy or print.
 * Writing it is recorded.
 */
export function ManualFilingSheet({
  report,
  onClose,
}: {
  readonly report: Summary
  readonly onClose: () => void
}): ReactNode {
  const write = useAction(() => call<Sheet>("POST", `/v1/reports/${report.id}/manual-sheet`), [])
  const { mutate } = write
  useEffect(() => mutate(undefined), [mutate])
  useKeys([{ key: "Escape", label: say.key.closeSheet, group: say.key.group, run: onClose }])
  return (
    <div className="stack-wide sheet">
      <div className="row no-print">
        <Button variant="default" onClick={onClose}>
          {say.preview.back}
        </Button>
        <Button variant="default" disabled={write.data === undefined} onClick={() => window.print()}>
          {say.sheet.print}
        </Button>
      </div>
      <p className="quiet">{say.sheet.lead}</p>
      {write.isPending && <Loading rows={8} rowHeight={32} />}
      <Fault error={write.error} />
      {write.error !== null && (
        <div>
          <Button variant="default" onClick={() => mutate(undefined)}>
            {common.retry}
          </Button>
        </div>
      )}
      {write.data !== undefined &&
        sectionsOf(write.data.markdown).map(({ title, lines }) => (
          <section key={title} className="stack-tight">
            <h2>{title}</h2>
            <DataTable
              className="sheet-lines"
              rows={lines}
              keyOf={({ path }) => path}
              columns={[
                { isRowHead: true, cell: ({ path }) => wordsOf(path) },
                { className: "prewrap", cell: ({ text }) => text },
                {
                  className: "no-print",
                  cell: ({ path, text }) => (
                    <CopyButton value={text}>
                      {({ copied, copy }) => (
                        <Button
                          variant="default"
                          size="compact-sm"
                          onClick={copy}
                          aria-label={say.sheet.copy(wordsOf(path))}
                        >
                          {copied ? common.copied : common.copy}
                        </Button>
                      )}
                    </CopyButton>
                  ),
                },
              ]}
            />
          </section>
        ))}
    </div>
  )
}

interface SheetSection {
  readonly title: string
  readonly lines: readonly { readonly path: string; readonly text: string }[]
}

const LINE = /^- \*\*(.+?)\*\*: (`+) (.*) \2$/

/** The sections of the sheet's Markdown: a heading, then a line for each value, formatted as code. */
function sectionsOf(markdown: string): readonly SheetSection[] {
  const sections: { title: string; lines: { path: string; text: string }[] }[] = []
  for (const line of markdown.split("\n")) {
    if (line.startsWith("## ")) sections.push({ title: line.slice(3), lines: [] })
    const [, path, , text] = LINE.exec(line) ?? []
    if (path !== undefined && text !== undefined)
      sections.at(-1)?.lines.push({ path, text: text.replaceAll(" ⏎ ", "\n") })
  }
  return sections
}

/** A path in words. The number of a sole entry and the element `value` are omitted. */
const wordsOf = (path: string): string =>
  path
    .split(" / ")
    .filter((name, place) => name !== "value" || place === 0)
    .map((name) => {
      const [, element = name, number] = /^([A-Za-z0-9]+)(?:\[(\d+)\])?$/.exec(name) ?? []
      return number === undefined || number === "1" ? labelOf(element) : `${labelOf(element)} ${number}`
    })
    .join(", ")
