import type { HomeView } from "@nightlight/contract/server"
import { screen } from "@testing-library/react"
import { describe, expect, it } from "vitest"
import { idOf } from "./support/records.ts"
import { Problem, SLOW, serve } from "./support/server.ts"
import { showPage } from "./support/show.tsx"

const NOTHING: HomeView = { at: "2026-03-01T12:00:00.000Z", danger: [], due: [], dueMore: false, waiting: {} }

describe("the home page", () => {
  it("says that it is loading", async () => {
    serve({ "GET /v1/home": SLOW })
    await showPage("/", [])
    expect(await screen.findByRole("status", { name: "Loading" })).toBeTruthy()
  })

  it("says that nothing needs the user", async () => {
    serve({ "GET /v1/home": NOTHING })
    await showPage("/", [])
    expect(await screen.findByText("Nothing needs you now.")).toBeTruthy()
    expect(screen.getByText("Nothing waits for you. New entries appear by themselves.")).toBeTruthy()
  })

  it("links to what needs the user", async () => {
    const id = idOf("case", 1)
    const due = [{ kind: "case" as const, id, code: "waiting", sinceAt: "2026-03-01T08:00:00.000Z" }]
    serve({ "GET /v1/home": { ...NOTHING, due } })
    await showPage("/", ["case:read"])
    expect(await screen.findByText("1 thing needs you.")).toBeTruthy()
    const links = screen.getAllByRole("link").map((link) => link.getAttribute("href"))
    expect(links).toContain(`/cases/${id}`)
  })

  it("says why it cannot be loaded", async () => {
    serve({ "GET /v1/home": new Problem(503, "unavailable", "not now") })
    await showPage("/", [])
    expect((await screen.findByRole("alert")).textContent).toContain("This could not be loaded.")
  })
})
