/**
 * Sources: who may push findings, known by public keys.
 * @module
 */
import { Button } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { type ReactNode, useState } from "react"
import { administration as say } from "#messages/administration.ts"
import { call } from "../../../api/call.ts"
import { useCan } from "../../../api/me.ts"
import { day, shortId } from "../../../parts/format.ts"
import { Name } from "../../../parts/name.tsx"
import { Failed, Loading } from "../../../parts/states.tsx"
import { useAct } from "../../../parts/use-act.ts"
import { Sure } from "../parts/sure.tsx"
import { type Source, sourcesQuery } from "../queries.ts"
import { EnrolSource } from "./enrol-source.tsx"

const { sources: words } = say

/** The page. */
export function Sources(): ReactNode {
  const mayManage = useCan()("source:manage")
  const { data: sources, error, refetch } = useQuery(sourcesQuery)
  const [isEnrolling, setEnrolling] = useState(false)
  const [ending, setEnding] = useState<Source>()
  const revoke = useAct(
    (id: string) => call("POST", `/v1/sources/${id}/revoke`),
    ["sources"],
    () => setEnding(undefined),
  )
  return (
    <div className="page stack-wide">
      <header className="row-between">
        <div className="stack-tight">
          <h1>{words.title}</h1>
          <p className="quiet">{words.lead}</p>
        </div>
        {mayManage && !isEnrolling && <Button onClick={() => setEnrolling(true)}>{words.enrol.open}</Button>}
      </header>
      {isEnrolling && <EnrolSource onClose={() => setEnrolling(false)} />}
      {error !== null && sources === undefined && <Failed error={error} onRetry={() => void refetch()} />}
      {sources === undefined && error === null && <Loading />}
      {sources?.length === 0 && <p className="quiet">{words.none}</p>}
      {sources !== undefined && sources.length > 0 && (
        <Table sources={sources} onRevoke={mayManage ? setEnding : undefined} />
      )}
      {ending !== undefined && (
        <Sure
          title={words.revoke.title(ending.name)}
          what={words.revoke.what}
          label={words.revoke.sure}
          isFinal
          isBusy={revoke.isPending}
          error={revoke.error}
          onDo={() => revoke.mutate(ending.source)}
          onClose={() => {
            revoke.reset()
            setEnding(undefined)
          }}
        />
      )}
    </div>
  )
}

function Table({
  sources,
  onRevoke,
}: {
  readonly sources: readonly Source[]
  readonly onRevoke: ((source: Source) => void) | undefined
}): ReactNode {
  const { columns } = words
  return (
    <div className="administration-scroll">
      <table className="plain">
        <thead>
          <tr>
            {[columns.name, columns.key, columns.accounts, columns.enrolled].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
            <td />
          </tr>
        </thead>
        <tbody>
          {sources.map((source) => (
            <tr key={source.source} className={source.revokedAt === undefined ? "" : "administration-over"}>
              <td>
                {source.name}
                <div className="quiet mono" title={source.source}>
                  {shortId(source.source)}
                </div>
              </td>
              <td className="mono" title={source.keyId}>
                {source.keyId.slice(0, 20)}
              </td>
              <td>{source.namesAccounts ? words.namesAccounts : words.noAccounts}</td>
              <td>
                {day(source.enrolledAt)}, <Name id={source.enrolledBy} />
              </td>
              <td>
                {source.revokedAt !== undefined && words.revoked(day(source.revokedAt))}
                {source.revokedAt === undefined && onRevoke !== undefined && (
                  <Button
                    size="compact-sm"
                    variant="default"
                    aria-label={`${words.revoke.do}: ${source.name}`}
                    onClick={() => onRevoke(source)}
                  >
                    {words.revoke.do}
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
