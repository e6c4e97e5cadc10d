import type { HomeView } from "@nightlight/contract/server"
import type { ReactNode } from "react"
import { Fact } from "../../parts/facts.tsx"
import { Ago } from "../../parts/time.tsx"
import { health as words } from "./words-health.ts"

type Copy = NonNullable<HomeView["health"]>["checkpointCopies"][number]

/** How far each copy of the log's checkpoints has got, one line for each; those that need attention are amber. */
export function Copies({ copies }: { readonly copies: readonly Copy[] }): ReactNode {
  return (
    <Fact name={words.parts.copies}>
      {copies.length === 0 && <span className="amber">{words.copies.none}</span>}
      {copies.map((copy) => (
        <span key={copy.place} className="block">
          {copy.place}: <State copy={copy} />
          <span className="quiet block">
            {copy.copiedAt === undefined ? (
              words.copies.never
            ) : (
              <>
                {words.copies.copied} <Ago at={copy.copiedAt} />
              </>
            )}
          </span>
        </span>
      ))}
    </Fact>
  )
}

function State({
  copy: { state, waiting, waitingSince, failingSince, fault = "" },
}: {
  readonly copy: Copy
}): ReactNode {
  switch (state) {
    case "current":
      return <span>{words.copies.current}</span>
    case "behind":
      return (
        <span className="amber">
          {words.copies.behind(waiting)} {waitingSince !== undefined && <Ago at={waitingSince} />}
        </span>
      )
    case "failing":
      return (
        <span className="amber">
          {words.copies.failing(waiting)}: {words.copies.faults[fault] ?? fault}
          {failingSince !== undefined && (
            <>
              , {words.copies.since} <Ago at={failingSince} />
            </>
          )}
        </span>
      )
    default:
      return state satisfies never
  }
}
