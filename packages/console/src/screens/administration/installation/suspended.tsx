import { Button } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { type ReactNode, useState } from "react"
import { call } from "../../../api/call.ts"
import { ConfirmDialog } from "../../../parts/confirm-dialog.tsx"
import { HeadedTable } from "../../../parts/data-table.tsx"
import { day, shortId } from "../../../parts/format.ts"
import { useAction } from "../../../parts/use-action.ts"
import { keysQuery, sourcesQuery } from "../queries.ts"
import { administration as say } from "../words.ts"

const { waiting: words, letIn, revoke } = say.installation.restore

/** A suspended key or source. */
interface Waiting {
  readonly id: string
  readonly kind: "key" | "source"
  readonly name: string
  /** When it was made or enrolled. */
  readonly since: string | undefined
}

type Answer = "letIn" | "revoke"

/** Keys and sources that a restore suspended, each with buttons to reinstate it or revoke it for good. */
export function SuspendedList({ ids }: { readonly ids: readonly string[] }): ReactNode {
  const waiting = useWaiting(ids)
  const [asked, setAsked] = useState<{ readonly answer: Answer; readonly of: Waiting }>()
  const run = useAction(
    ({ answer, of }: { readonly answer: Answer; readonly of: Waiting }) => send(answer, of),
    ["operations", "sources"],
    () => setAsked(undefined),
  )
  if (waiting.length === 0) return <p>{words.none}</p>
  const ask = asked?.answer === "revoke" ? revoke : letIn
  return (
    <>
      <HeadedTable
        heads={[{ name: words.columns.what }, { name: words.columns.made }, {}]}
        className="administration-actions"
        label={words.label}
      >
        {waiting.map((of) => (
          <Row key={of.id} of={of} onAsk={(answer) => setAsked({ answer, of })} />
        ))}
      </HeadedTable>
      {asked !== undefined && (
        <ConfirmDialog
          title={ask.title(asked.of.name)}
          what={ask.what}
          label={ask.do}
          isFinal={asked.answer === "revoke"}
          action={run}
          onDo={() => run.mutate(asked)}
          onClose={() => setAsked(undefined)}
        />
      )}
    </>
  )
}

/** The names of suspended keys and sources; the id until the lists are loaded. */
function useWaiting(ids: readonly string[]): readonly Waiting[] {
  const { data: keys = [] } = useQuery(keysQuery)
  const { data: sources = [] } = useQuery(sourcesQuery)
  return ids.map((id) => {
    const kind = id.startsWith("key-") ? "key" : "source"
    const key = keys.find((known) => known.id === id)
    const source = sources.find((known) => known.source === id)
    return {
      id,
      kind,
      name: key?.name ?? source?.name ?? shortId(id),
      since: key?.madeAt ?? source?.enrolledAt,
    }
  })
}

function send(answer: Answer, { id, kind }: Waiting): Promise<unknown> {
  if (answer === "letIn") return call("POST", "/v1/operations/restore/confirm", { body: { id } })
  return kind === "key" ? call("DELETE", `/v1/keys/${id}`) : call("POST", `/v1/sources/${id}/revoke`)
}

function Row({ of, onAsk }: { readonly of: Waiting; readonly onAsk: (answer: Answer) => void }): ReactNode {
  return (
    <tr>
      <td>
        {of.name}
        <div className="quiet" title={of.id}>
          {words[of.kind]}
        </div>
      </td>
      <td>{of.since !== undefined && day(of.since)}</td>
      <td>
        <span className="row" style={{ justifyContent: "flex-end" }}>
          <Button
            size="compact-sm"
            variant="default"
            aria-label={`${letIn.do}: ${of.name}`}
            onClick={() => onAsk("letIn")}
          >
            {letIn.do}
          </Button>
          <Button
            size="compact-sm"
            variant="default"
            aria-label={`${revoke.do}: ${of.name}`}
            onClick={() => onAsk("revoke")}
          >
            {revoke.do}
          </Button>
        </span>
      </td>
    </tr>
  )
}
