import type { ExposureList } from "@nightlight/contract/server"
import type { ReactNode } from "react"
import { administration as say } from "#messages/administration.ts"
import type { Of } from "../../../api/of.ts"
import { count } from "../../../parts/format.ts"
import { Name } from "../../../parts/name.tsx"

const { today: words } = say.wellness

/** What each person viewed today. */
export function Today({ people }: { readonly people: Of<typeof ExposureList>["people"] }): ReactNode {
  return (
    <section className="stack">
      <div className="stack-tight">
        <h2>{words.title}</h2>
        <p className="quiet">{people.length === 0 ? words.none : words.lead}</p>
      </div>
      {people.length > 0 && (
        <div className="administration-scroll">
          <table className="plain">
            <thead>
              <tr>
                <th scope="col">{words.columns.who}</th>
                <th scope="col">{words.columns.viewings}</th>
                <th scope="col">{words.columns.minutes}</th>
              </tr>
            </thead>
            <tbody>
              {people.map(({ person, looks, minutes }) => (
                <tr key={person}>
                  <td>
                    <Name id={person} />
                  </td>
                  <td>{count(looks)}</td>
                  <td>{count(Math.round(minutes))}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}
