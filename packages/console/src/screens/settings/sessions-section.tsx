import { Button, VisuallyHidden } from "@mantine/core"
import type { SessionList } from "@nightlight/contract/server"
import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { call } from "../../api/call.ts"
import type { SchemaOutput } from "../../api/schema-output.ts"
import { DataTable } from "../../parts/data-table.tsx"
import { dateTime } from "../../parts/format.ts"
import { Loaded } from "../../parts/loaded.tsx"
import { Section } from "../../parts/section.tsx"
import { Fault } from "../../parts/states.tsx"
import { Tag } from "../../parts/tag.tsx"
import { Ago } from "../../parts/time.tsx"
import { useAction } from "../../parts/use-action.ts"
import { useSignOut } from "../../shell/use-sign-out.ts"
import { settings } from "./words.ts"

const say = settings.sessions

/** The person's sessions, with a button to end each. */
export function SessionsSection(): ReactNode {
  const query = useQuery({
    queryKey: ["sessions"],
    queryFn: ({ signal }) => call<SchemaOutput<typeof SessionList>>("GET", "/v1/me/sessions", { signal }),
  })
  const signOut = useSignOut()
  const end = useAction((id: string) => call("DELETE", `/v1/me/sessions/${id}`), ["sessions"])
  return (
    <Section id="sessions" title={say.title} lead={say.lead}>
      <Loaded query={query} rows={2} failure="above">
        {(data) => (
          <DataTable
            rows={data.sessions}
            keyOf={({ id }) => id}
            columns={[
              {
                name: say.started,
                cell: ({ startedAt, current }) => (
                  <>
                    {dateTime(startedAt)} {current && <Tag tone="accent">{say.current}</Tag>}
                  </>
                ),
              },
              { name: say.seen, cell: ({ seenAt }) => <Ago at={seenAt} /> },
              { name: say.how, cell: ({ method }) => say.methods[method] },
              {
                name: <VisuallyHidden>{say.end}</VisuallyHidden>,
                isNumber: true,
                cell: ({ id, startedAt, current }) => (
                  <Button
                    variant="default"
                    size="compact-sm"
                    aria-label={say.endLabel(dateTime(startedAt))}
                    loading={end.isPending && end.variables === id}
                    onClick={() => (current ? void signOut() : end.mutate(id))}
                  >
                    {say.end}
                  </Button>
                ),
              },
            ]}
          />
        )}
      </Loaded>
      <p aria-live="polite" className="quiet">
        {end.isSuccess && say.ended}
      </p>
      <Fault error={end.error} />
    </Section>
  )
}
