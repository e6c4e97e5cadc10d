/**
 * Exceptions, tests and history of a version.
 * @module
 */
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { policies as say } from "#messages/policies.ts"
import { day, listed, shortId } from "../../parts/format.ts"
import { Name } from "../../parts/name.tsx"
import { Ago } from "../../parts/time.tsx"
import { useNow } from "../../parts/use-now.ts"
import type { WholeVersion } from "./queries.ts"
import { TestsView } from "./tests-view.tsx"

/** Kinds of files that pass although nobody can look into them. */
export function Exceptions({ whole: { mediaExceptions } }: { readonly whole: WholeVersion }): ReactNode {
  const { exceptions: words } = say
  const today = new Date(useNow()).toISOString().slice(0, 10)
  return (
    <section className="stack-tight">
      <h2>{words.title}</h2>
      {mediaExceptions.length === 0 && <p className="quiet">{words.none}</p>}
      {mediaExceptions.length > 0 && (
        <>
          <p className="quiet">{words.lead}</p>
          <div className="scroll-x">
            <table className="plain">
              <thead>
                <tr>
                  <th scope="col">{words.columns.type}</th>
                  <th scope="col">{words.columns.reason}</th>
                  <th scope="col">{words.columns.until}</th>
                  <th scope="col">{words.columns.by}</th>
                </tr>
              </thead>
              <tbody>
                {mediaExceptions.map(({ mediaType, reason, until, approvedBy }) => (
                  <tr key={mediaType}>
                    <td className="mono">{mediaType}</td>
                    <td>{reason}</td>
                    <td>
                      {day(`${until}T12:00:00Z`)}
                      {until < today && ` (${words.over})`}
                    </td>
                    <td>{listed(approvedBy)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </section>
  )
}

/** What its own tests came to. */
export function Tests({ whole: { tests } }: { readonly whole: WholeVersion }): ReactNode {
  return (
    <section className="stack-tight">
      <h2>{say.tests.title}</h2>
      <TestsView tests={tests} />
    </section>
  )
}

/** When it was active, and who wanted it. */
export function History({ whole: { activations } }: { readonly whole: WholeVersion }): ReactNode {
  const { history: words } = say
  return (
    <section className="stack-tight">
      <h2>{words.title}</h2>
      {activations.length === 0 && <p className="quiet">{words.never}</p>}
      {activations.length > 0 && (
        <div className="scroll-x">
          <table className="plain">
            <thead>
              <tr>
                <th scope="col">{words.columns.at}</th>
                <th scope="col">{words.columns.how}</th>
                <th scope="col">{words.columns.people}</th>
                <th scope="col">{words.columns.replaced}</th>
              </tr>
            </thead>
            <tbody>
              {activations.map(({ at, how, replaced, askedBy, secondedBy }) => (
                <tr key={at}>
                  <td>
                    <Ago at={at} />
                  </td>
                  <td>{words.how[how]}</td>
                  <td>
                    {askedBy !== undefined && (
                      <span className="block">
                        {words.people} <Name id={askedBy} />
                      </span>
                    )}
                    {secondedBy !== undefined && (
                      <span className="block">
                        {words.second} <Name id={secondedBy} />
                      </span>
                    )}
                  </td>
                  <td>
                    {replaced === undefined ? (
                      <span className="quiet">{words.nothing}</span>
                    ) : (
                      <Link to="/policies/$digest" params={{ digest: replaced }} className="mono">
                        {shortId(replaced)}
                      </Link>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}
