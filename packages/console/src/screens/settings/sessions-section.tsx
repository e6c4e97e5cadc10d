/**
 * Where the person is signed in; each session can be ended.
 * @module
 */
import { Button, VisuallyHidden } from "@mantine/core"
import type { SessionList } from "@nightlight/contract/server"
import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { settings } from "#messages/settings.ts"
import { call } from "../../api/call.ts"
import type { Of } from "../../api/of.ts"
import { dateTime } from "../../parts/format.ts"
import { Failed, Fault, Loading } from "../../parts/states.tsx"
import { Tag } from "../../parts/tag.tsx"
import { Ago } from "../../parts/time.tsx"
import { useAct } from "../../parts/use-act.ts"
import { useSignOut } from "../../shell/use-sign-out.ts"
import { Section } from "./section.tsx"

const say = settings.sessions

/** The section. */
export function SessionsSection(): ReactNode {
  const { data, error, refetch } = useQuery({
    queryKey: ["sessions"],
    queryFn: ({ signal }) => call<Of<typeof SessionList>>("GET", "/v1/me/sessions", { signal }),
  })
  const signOut = useSignOut()
  const end = useAct((id: string) => call("DELETE", `/v1/me/sessions/${id}`), ["sessions"])
  return (
    <Section id="sessions" title={say.title} lead={say.lead}>
      {error !== null && <Failed error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <Loading rows={2} />}
      {data !== undefined && (
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">{say.started}</th>
              <th scope="col">{say.seen}</th>
              <th scope="col">{say.how}</th>
              <th scope="col">
                <VisuallyHidden>{say.end}</VisuallyHidden>
              </th>
            </tr>
          </thead>
          <tbody>
            {data.sessions.map(({ id, startedAt, seenAt, method, current }) => (
              <tr key={id}>
                <td>
                  {dateTime(startedAt)} {current && <Tag tone="accent">{say.current}</Tag>}
                </td>
                <td>
                  <Ago at={seenAt} />
                </td>
                <td>{say.methods[method]}</td>
                <td className="number">
                  <Button
                    variant="default"
                    size="compact-sm"
                    aria-label={say.endLabel(dateTime(startedAt))}
                    loading={end.isPending && end.variables === id}
                    onClick={() => (current ? void signOut() : end.mutate(id))}
                  >
                    {say.end}
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p aria-live="polite" className="quiet">
        {end.isSuccess && say.ended}
      </p>
      <Fault error={end.error} />
    </Section>
  )
}
