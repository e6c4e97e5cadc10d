import type { HomeView } from "@nightlight/contract/server"
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { useCan } from "../../api/me.ts"
import { DataTable } from "../../parts/data-table.tsx"
import { Tag } from "../../parts/tag.tsx"
import { setup as words } from "./words-setup.ts"

const TONES = { done: "green", open: "amber", unknown: "plain" } as const

/** Pages for the set-up steps that are done in the console. */
const PLACES: Readonly<Record<string, string>> = {
  administrators: "/administration/people",
  reviewers: "/administration/people",
  reporters: "/administration/people",
  source: "/administration/sources",
}

/** The set-up checklist: every step that is not done, as far as the server knows. */
export function SetupList({ setup }: { readonly setup: NonNullable<HomeView["setup"]> }): ReactNode {
  const can = useCan()
  const left = setup.steps.filter(({ state }) => state !== "done")
  return (
    <section className="stack" aria-labelledby="home-setup">
      <h2 id="home-setup">{words.title}</h2>
      <p className="quiet">{words.lead(setup.steps.length - left.length, setup.steps.length)}</p>
      <DataTable
        rows={left}
        keyOf={({ code }) => code}
        columns={[
          {
            name: words.columns.step,
            isRowHead: true,
            className: "home-commitment",
            cell: ({ code, state }) => {
              const place = state === "open" && can("person:manage") ? PLACES[code] : undefined
              return place === undefined ? words.steps[code] : <Link to={place}>{words.steps[code]}</Link>
            },
          },
          { name: words.columns.state, cell: ({ state }) => <Tag tone={TONES[state]}>{words.states[state]}</Tag> },
          { name: words.columns.how, className: "quiet", cell: ({ code }) => words.how[code] },
        ]}
      />
    </section>
  )
}
