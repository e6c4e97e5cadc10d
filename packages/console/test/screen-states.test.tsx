import { screen, waitFor } from "@testing-library/react"
import { describe, expect, it } from "vitest"
import { type Answers, OFFLINE, Problem, SLOW, serve } from "./support/server.ts"
import { showPage } from "./support/show.tsx"

interface Listed {
  readonly path: string
  readonly permissions: readonly string[]
  /** The call whose answer the page shows. */
  readonly call: string
  /** An empty answer to that call, and the page's text for it. */
  readonly none: unknown
  readonly says: string
  /** Answers to the page's other calls. */
  readonly also?: Answers
}

const LISTS = { screens: false, lists: [], former: [] }
const POLICIES = { policies: [], file: { state: "missing" } }
const PAGES: readonly (readonly [string, Listed])[] = [
  [
    "cases",
    {
      path: "/cases",
      permissions: ["case:read"],
      call: "GET /v1/cases",
      none: { cases: [] },
      says: "No case waits here.",
    },
  ],
  [
    "reports",
    {
      path: "/reports",
      permissions: ["report:read"],
      call: "GET /v1/reports",
      none: { reports: [] },
      says: "No report is open.",
    },
  ],
  [
    "preserved evidence",
    {
      path: "/evidence",
      permissions: ["preservation:read"],
      call: "GET /v1/preservations",
      none: { evidence: [] },
      says: "Nothing is preserved here.",
    },
  ],
  [
    "requests of authorities",
    {
      path: "/evidence/requests",
      permissions: ["request:read"],
      call: "GET /v1/requests",
      none: { requests: [] },
      says: "There is no request here.",
    },
  ],
  [
    "scans",
    {
      path: "/scans",
      permissions: ["scan:read"],
      call: "GET /v1/scans",
      none: { scans: [] },
      says: "No scan has been reported to this server.",
    },
  ],
  [
    "guards",
    {
      path: "/scans/guards",
      permissions: ["scan:read"],
      call: "GET /v1/guards",
      none: { sources: [] },
      says: "No guard reports to this server.",
    },
  ],
  [
    "received findings",
    {
      path: "/scans/intake",
      permissions: ["scan:read", "source:read"],
      call: "GET /v1/intake",
      none: { counts: [] },
      says: "Nothing has been received.",
    },
  ],
  [
    "hash lists",
    { path: "/lists", permissions: ["list:read"], call: "GET /v1/lists", none: LISTS, says: "No list is live" },
  ],
  [
    "policies",
    {
      path: "/policies",
      permissions: ["policy:read"],
      call: "GET /v1/policies",
      none: POLICIES,
      says: "No version is stored yet",
    },
  ],
  [
    "the log",
    {
      path: "/audit",
      permissions: ["audit:read"],
      call: "GET /v1/audit/events",
      none: { events: [] },
      says: "No event matches the search.",
    },
  ],
  [
    "approvals by two people",
    {
      path: "/approvals",
      permissions: ["approval:read"],
      call: "GET /v1/approvals",
      none: { approvals: [] },
      says: "No approval waits for a second person.",
    },
  ],
  [
    "service keys",
    {
      path: "/administration/keys",
      permissions: ["key:manage"],
      call: "GET /v1/keys",
      none: { keys: [] },
      says: "There is no key yet.",
      also: { "GET /v1/people/signing": { require: [], people: [] } },
    },
  ],
  [
    "sources",
    {
      path: "/administration/sources",
      permissions: ["source:read"],
      call: "GET /v1/sources",
      none: { sources: [] },
      says: "No source is enrolled yet.",
    },
  ],
]

describe.each(PAGES)("the page of %s", (_name, { path, permissions, call, none, says, also = {} }) => {
  it("says that it is loading", async () => {
    serve({ ...also, [call]: SLOW })
    await showPage(path, permissions)
    expect((await screen.findAllByRole("status", { name: "Loading" })).length).toBeGreaterThan(0)
  })

  it("says if there is nothing to list", async () => {
    serve({ ...also, [call]: none })
    await showPage(path, permissions)
    expect((await screen.findAllByText(says)).length).toBeGreaterThan(0)
  })

  it("says why it could not be loaded, with a button to retry", async () => {
    let answer: unknown = new Problem(503, "unavailable", "the database does not answer")
    const made = serve({ ...also, [call]: () => answer })
    const { user } = await showPage(path, permissions)
    const [again] = await screen.findAllByRole("button", { name: "Try again" })
    expect(screen.getAllByRole("alert")[0]?.textContent).toContain("A part of the service does not answer")
    const before = made.length
    answer = none
    if (again !== undefined) await user.click(again)
    await waitFor(() => expect(made.length).toBeGreaterThan(before))
    expect((await screen.findAllByText(says)).length).toBeGreaterThan(0)
  })
})

it("a page whose server does not answer says so, and tries again by itself", async () => {
  serve({ "GET /v1/cases": OFFLINE })
  await showPage("/cases", ["case:read"])
  expect(await screen.findByRole("heading", { name: "The server does not answer." })).toBeTruthy()
})

it("a page that the server refuses shows the server's explanation", async () => {
  serve({ "GET /v1/cases": new Problem(403, "forbidden", "your training has lapsed") })
  await showPage("/cases", ["case:read"])
  expect((await screen.findByRole("alert")).textContent).toContain("Your training has lapsed.")
})
