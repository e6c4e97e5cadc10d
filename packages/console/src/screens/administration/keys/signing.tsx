/**
 * What people sign with: who has a passkey, and who signs with a key that the browser keeps, without a gesture.
 * @module
 */
import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { administration as say } from "#messages/administration.ts"
import { call } from "../../../api/call.ts"
import { day } from "../../../parts/format.ts"
import { Name } from "../../../parts/name.tsx"
import { Failed, Loading } from "../../../parts/states.tsx"
import { type Signing, summaryOf } from "./signing-summary.ts"

const { signing: words } = say

/** The part of the page. */
export function SigningKeys(): ReactNode {
  const { data, error, refetch } = useQuery({
    queryKey: ["people", "signing"],
    queryFn: ({ signal }) => call<Signing>("GET", "/v1/people/signing", { signal }),
  })
  return (
    <section className="stack" aria-labelledby="signing-title">
      <h2 id="signing-title">{words.title}</h2>
      {error !== null && data === undefined && <Failed error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <Loading rows={2} />}
      {data !== undefined && (
        <>
          <p className="quiet">{summaryOf(data)}</p>
          {data.people.length > 0 && <Table people={data.people} />}
        </>
      )}
    </section>
  )
}

function Table({ people }: Pick<Signing, "people">): ReactNode {
  const { columns } = words
  return (
    <div className="administration-scroll">
      <table className="plain">
        <thead>
          <tr>
            {[columns.who, columns.by, columns.since].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {people.map(({ id, by, enrolledAt }) => (
            <tr key={id}>
              <td>
                <Name id={id} />
              </td>
              <td className={by === "kept-key" ? "amber" : ""}>{words.by[by]}</td>
              <td>{day(enrolledAt)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
