import { Button } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { type ReactNode, useState } from "react"
import { call } from "../../../api/call.ts"
import { HeadedTable } from "../../../parts/data-table.tsx"
import { day } from "../../../parts/format.ts"
import { Loaded } from "../../../parts/loaded.tsx"
import { Name } from "../../../parts/name.tsx"
import { Page } from "../../../parts/page.tsx"
import { Ago } from "../../../parts/time.tsx"
import { useNow } from "../../../parts/use-now.ts"
import { RevokeDialog } from "../parts/revoke-dialog.tsx"
import { keysQuery, type ServiceKey, sourcesQuery } from "../queries.ts"
import { administration as say } from "../words.ts"
import { MakeKey } from "./make-key.tsx"
import { SigningKeys } from "./signing.tsx"

const { serviceKeys: words } = say

/** The keys tab: service keys with their scopes, source, expiry and last use, and what people sign with. */
export function ServiceKeys(): ReactNode {
  const query = useQuery(keysQuery)
  const [isMaking, setMaking] = useState(false)
  const [ending, setEnding] = useState<ServiceKey>()
  return (
    <Page
      title={words.title}
      lead={words.lead}
      actions={!isMaking && <Button onClick={() => setMaking(true)}>{words.make.open}</Button>}
    >
      {isMaking && <MakeKey onClose={() => setMaking(false)} />}
      <Loaded query={query} empty={<p className="quiet">{words.none}</p>}>
        {(keys) => <Table keys={keys} onRevoke={setEnding} />}
      </Loaded>
      <SigningKeys />
      {ending !== undefined && (
        <RevokeDialog
          name={ending.name}
          words={words.revoke}
          revoke={() => call("DELETE", `/v1/keys/${ending.id}`)}
          onClose={() => setEnding(undefined)}
        />
      )}
    </Page>
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
    <HeadedTable
      heads={[
        { name: columns.name },
        { name: columns.scopes },
        { name: columns.source },
        { name: columns.expires },
        { name: columns.used },
        {},
      ]}
      className="administration-actions"
    >
      {keys.map((key) => (
        <Row
          key={key.id}
          serviceKey={key}
          source={sources.find(({ source }) => source === key.source)?.name ?? key.source}
          onRevoke={() => onRevoke(key)}
        />
      ))}
    </HeadedTable>
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
      <td>
        {key.scopes.map((scope) => words.scopes[scope] ?? scope).join(", ")}
        {key.scopes.includes("screen") && <div className="quiet">{words.perMinute(key.callsPerMinute)}</div>}
      </td>
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
