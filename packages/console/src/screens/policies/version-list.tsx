import { Button } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { useCan } from "../../api/me.ts"
import { Loaded, mapData } from "../../parts/loaded.tsx"
import { Name } from "../../parts/name.tsx"
import { Empty } from "../../parts/states.tsx"
import { Ago } from "../../parts/time.tsx"
import { RowList } from "../../shell/row-list.tsx"
import { Places } from "../lists/places.tsx"
import { policiesQuery, type Version } from "./queries.ts"
import { StateTag } from "./state-tag.tsx"
import { policies as say } from "./words.ts"

const ROW_HEIGHT = 60

/** The left column: all versions, newest first. */
export function VersionList(props: {
  readonly chosen: string | undefined
  readonly onChoose: (digest: string) => void
  readonly onWrite: () => void
}): ReactNode {
  const can = useCan()
  const query = useQuery(policiesQuery)
  return (
    <>
      <div className="policies-head">
        <Places here="policies" />
        {can("policy:edit") && (
          <Button variant="default" onClick={props.onWrite}>
            {say.list.write}
          </Button>
        )}
      </div>
      <Loaded
        query={mapData(query, ({ policies }) => policies)}
        rowHeight={ROW_HEIGHT - 12}
        empty={<Empty title={say.noneTitle} hint={say.noneHint} />}
      >
        {(versions) => (
          <RowList
            items={versions}
            idOf={({ digest }) => digest}
            selected={props.chosen}
            onSelect={props.onChoose}
            row={(version) => <Row version={version} />}
            rowHeight={ROW_HEIGHT}
            label={say.listLabel}
          />
        )}
      </Loaded>
    </>
  )
}

function Row({ version }: { readonly version: Version }): ReactNode {
  const { name, state, madeBy, madeAt } = version
  return (
    <>
      <div className="row-line">
        <span className="policies-strong">
          {name}, {say.list.version(version.version)}
        </span>
        <StateTag state={state} />
      </div>
      <div className="row-line quiet">
        <span>
          <Name id={madeBy} />
        </span>
        <Ago at={madeAt} />
      </div>
    </>
  )
}
