/**
 * Keys of services: what each is good for, until when, when it was used last.
 * @module
 */
import { Button } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { type ReactNode, useState } from "react"
import { administration as say } from "#messages/administration.ts"
import { call } from "../../../api/call.ts"
import { day } from "../../../parts/format.ts"
import { Name } from "../../../parts/name.tsx"
import { Failed, Loading } from "../../../parts/states.tsx"
import { Ago } from "../../../parts/time.tsx"
import { useAct } from "../../../parts/use-act.ts"
import { useNow } from "../../../parts/use-now.ts"
import { Sure } from "../parts/sure.tsx"
import { keysQuery, type ServiceKey, sourcesQuery } from "../queries.ts"
import { MakeKey } from "./make-key.tsx"
import { SigningKeys } from "./signing.tsx"

const { serviceKeys: words } = say

/** The page. */
export function ServiceKeys(): ReactNode {
  const { data: keys, error, refetch } = useQuery(keysQuery)
  const [isMaking, setMaking] = useState(false)
  const [ending, setEnding] = useState<ServiceKey>()
  const revoke = useAct(
    (id: string) => call("DELETE", `/v1/keys/${id}`),
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
        {!isMaking && <Button onClick={() => setMaking(true)}>{words.make.open}</Button>}
      </header>
      {isMaking && <MakeKey onClose={() => setMaking(false)} />}
      {error !== null && keys === undefined && <Failed error={error} onRetry={() => void refetch()} />}
      {keys === undefined && error === null && <Loading />}
      {keys?.length === 0 && <p className="quiet">{words.none}</p>}
      {keys !== undefined && keys.length > 0 && <Table keys={keys} onRevoke={setEnding} />}
      <SigningKeys />
      {ending !== undefined && (
        <Sure
          title={words.revoke.title(ending.name)}
          what={words.revoke.what}
          label={words.revoke.sure}
          isFinal
          isBusy={revoke.isPending}
          error={revoke.error}
          onDo={() => revoke.mutate(ending.id)}
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
  keys,
  onRevoke,
}: {
  readonly keys: readonly ServiceKey[]
  readonly onRevoke: (key: ServiceKey) => void
}): ReactNode {
  const { data: sources = [] } = useQuery(sourcesQuery)
  const { columns } = words
  return (
    <div className="administration-scroll">
      <table className="plain">
        <thead>
          <tr>
            {[columns.name, columns.scopes, columns.source, columns.expires, columns.used].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
            <td />
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <Row
              key={key.id}
              serviceKey={key}
              source={sources.find(({ source }) => source === key.source)?.name ?? key.source}
              onRevoke={() => onRevoke(key)}
            />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Row(props: {
  readonly serviceKey: ServiceKey
  readonly source: string | undefined
  readonly onRevoke: () => void
}): ReactNode {
  const { serviceKey: key, source, onRevoke } = props
  const isOver = Date.parse(key.expiresAt) <= useNow()
  const isDead = key.revokedAt !== undefined || isOver
  return (
    <tr className={isDead ? "administration-over" : ""}>
      <td>
        {key.name}
        <div className="quiet">
          {words.madeBy} <Name id={key.madeBy} />, {day(key.madeAt)}
        </div>
      </td>
      <td>{key.scopes.map((scope) => words.scopes[scope] ?? scope).join(", ")}</td>
      <td>{source}</td>
      <td>
        {key.revokedAt !== undefined && `${words.revoked} ${day(key.revokedAt)}`}
        {key.revokedAt === undefined && `${isOver ? `${words.over} ` : ""}${day(key.expiresAt)}`}
      </td>
      <td>{key.usedAt === undefined ? words.never : <Ago at={key.usedAt} />}</td>
      <td>
        {!isDead && (
          <Button size="compact-sm" variant="default" aria-label={`${words.revoke.do}: ${key.name}`} onClick={onRevoke}>
            {words.revoke.do}
          </Button>
        )}
      </td>
    </tr>
  )
}
