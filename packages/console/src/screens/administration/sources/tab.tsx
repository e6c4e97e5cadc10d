import { Button } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { type ReactNode, useState } from "react"
import { call } from "../../../api/call.ts"
import { useCan } from "../../../api/me.ts"
import { DataTable } from "../../../parts/data-table.tsx"
import { day, shortId } from "../../../parts/format.ts"
import { Loaded } from "../../../parts/loaded.tsx"
import { Name } from "../../../parts/name.tsx"
import { Page } from "../../../parts/page.tsx"
import { RevokeDialog } from "../parts/revoke-dialog.tsx"
import { type Source, sourcesQuery } from "../queries.ts"
import { administration as say } from "../words.ts"
import { EnrolSource } from "./enrol-source.tsx"

const { sources: words } = say

/** The sources tab: who may push findings, identified by public keys. */
export function Sources(): ReactNode {
  const mayManage = useCan()("source:manage")
  const query = useQuery(sourcesQuery)
  const [isEnrolling, setEnrolling] = useState(false)
  const [ending, setEnding] = useState<Source>()
  return (
    <Page
      title={words.title}
      lead={words.lead}
      actions={mayManage && !isEnrolling && <Button onClick={() => setEnrolling(true)}>{words.enrol.open}</Button>}
    >
      {isEnrolling && <EnrolSource onClose={() => setEnrolling(false)} />}
      <Loaded query={query} empty={<p className="quiet">{words.none}</p>}>
        {(sources) => <Table sources={sources} onRevoke={mayManage ? setEnding : undefined} />}
      </Loaded>
      {ending !== undefined && (
        <RevokeDialog
          name={ending.name}
          words={words.revoke}
          revoke={() => call("POST", `/v1/sources/${ending.source}/revoke`)}
          onClose={() => setEnding(undefined)}
        />
      )}
    </Page>
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
    <DataTable
      className="administration-actions"
      rows={sources}
      keyOf={({ source }) => source}
      rowClass={({ revokedAt }) => (revokedAt === undefined ? undefined : "administration-over")}
      columns={[
        {
          name: columns.name,
          cell: ({ name, source }) => (
            <>
              {name}
              <div className="quiet mono" title={source}>
                {shortId(source)}
              </div>
            </>
          ),
        },
        {
          name: columns.key,
          cell: ({ keyId }) => (
            <span className="mono" title={keyId}>
              {keyId.slice(0, 20)}
            </span>
          ),
        },
        {
          name: columns.accounts,
          cell: ({ namesAccounts }) => (namesAccounts ? words.namesAccounts : words.noAccounts),
        },
        {
          name: columns.enrolled,
          cell: ({ enrolledAt, enrolledBy }) => (
            <>
              {day(enrolledAt)}, <Name id={enrolledBy} />
            </>
          ),
        },
        {
          cell: (source) =>
            source.revokedAt !== undefined
              ? words.revoked(day(source.revokedAt))
              : onRevoke !== undefined && (
                  <Button
                    size="compact-sm"
                    variant="default"
                    aria-label={`${words.revoke.do}: ${source.name}`}
                    onClick={() => onRevoke(source)}
                  >
                    {words.revoke.do}
                  </Button>
                ),
        },
      ]}
    />
  )
}
