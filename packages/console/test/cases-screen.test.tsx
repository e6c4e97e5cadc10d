import { screen, waitFor, within } from "@testing-library/react"
import { describe, expect, it } from "vitest"
import { caseRow, heldCase, idOf, itemRow } from "./support/records.ts"
import { type Answers, Problem, serve } from "./support/server.ts"
import { OTHER_ID, showPage } from "./support/show.tsx"

const REVIEWER = ["case:read", "case:review"]
const CASE = idOf("case", 1)
const NAMES = { "GET /v1/people/names": { people: [{ id: OTHER_ID, name: "Other Reader" }] } }
const opened = (more: Answers = {}): Answers => ({
  "GET /v1/cases": { cases: [caseRow(1), caseRow(2)] },
  [`GET /v1/cases/${CASE}`]: heldCase(1),
  [`GET /v1/cases/${CASE}/items`]: { items: [itemRow(1)] },
  [`GET /v1/cases/${CASE}/history`]: { events: [] },
  [`GET /v1/cases/${CASE}/decisions`]: { decisions: [] },
  ...NAMES,
  ...more,
})
const decided = (body: unknown) => body as { readonly basis: string; readonly rationale?: string }
const LIST = "Waiting cases"
const rows = async () => within(await screen.findByRole("listbox", { name: LIST })).findAllByRole("option")
const column = () => within(screen.getByRole("complementary", { name: "Your decision" }))

describe("the list of cases", () => {
  it("shows the title of each case, and opens the next by the key j", async () => {
    serve(opened())
    const { user, path } = await showPage("/cases", REVIEWER)
    expect(await rows()).toHaveLength(2)
    await user.keyboard("j")
    await waitFor(() => expect(path()).toBe(`/cases/${CASE}`))
  })

  it("names who works on a case", async () => {
    serve({
      ...NAMES,
      "GET /v1/cases": { cases: [caseRow(1, { claim: { by: OTHER_ID, until: "2099-03-01T08:00:00.000Z" } })] },
    })
    await showPage("/cases", REVIEWER)
    await waitFor(() => expect(screen.getByRole("listbox", { name: LIST }).textContent).toContain("Other Reader"))
  })

  it("says that there is no next case when somebody asks for one", async () => {
    const made = serve({ "GET /v1/cases": { cases: [] }, "POST /v1/cases/next": null })
    const { user } = await showPage("/cases", REVIEWER)
    await screen.findByText("No case waits here.")
    await user.keyboard("x")
    await waitFor(() => expect(made.some(({ call }) => call === "POST /v1/cases/next")).toBe(true))
  })

  it("has no button to take the next case for people who may only read", async () => {
    serve(opened())
    await showPage("/cases", ["case:read"])
    await rows()
    expect(screen.queryByRole("button", { name: /next/i })).toBeNull()
  })
})

describe("a case", () => {
  it("that somebody else has claimed names them, and cannot be decided", async () => {
    const claim = { by: OTHER_ID, until: "2099-03-01T08:00:00.000Z" }
    serve(opened({ [`GET /v1/cases/${CASE}`]: heldCase(1, { mine: false, claim }) }))
    await showPage(`/cases/${CASE}`, REVIEWER)
    await waitFor(() => expect(column().getByRole("status").textContent).toContain("is working on it until"))
    expect(column().queryByRole("button", { name: /^Decide/ })).toBeNull()
  })

  it("is claimed by the key Enter", async () => {
    let mine = false
    const made = serve(
      opened({
        [`GET /v1/cases/${CASE}`]: () => heldCase(1, { mine }),
        [`POST /v1/cases/${CASE}/claim`]: () => {
          mine = true
          return heldCase(1)
        },
      }),
    )
    const { user } = await showPage(`/cases/${CASE}`, REVIEWER)
    await waitFor(() => column().getByRole("button", { name: /Take this case/ }))
    await user.keyboard("{Enter}")
    await waitFor(() => column().getByRole("heading", { name: "Your decision" }))
    expect(made.find(({ call }) => call === `POST /v1/cases/${CASE}/claim`)?.body).toMatchObject({ version: 1 })
  })

  it("needs a basis, then a rationale, before it is decided", async () => {
    const made = serve(opened())
    const { user } = await showPage(`/cases/${CASE}`, REVIEWER)
    await waitFor(() => column().getByRole("heading", { name: "Your decision" }))
    await user.keyboard("{Enter}")
    expect(column().getByRole("alert").textContent).toBe("Choose a basis.")
    await user.keyboard("6{Enter}")
    await waitFor(() => expect(column().getByRole("alert").textContent).toBe("Explain why, in a few words."))
    expect(made.filter(({ call }) => call.startsWith("POST"))).toEqual([])
  })

  it("is decided by keyboard alone: a digit, the rationale, Ctrl and Enter", async () => {
    const made = serve(
      opened({ [`POST /v1/cases/${CASE}/decisions`]: heldCase(1, { state: "settling", mine: false }) }),
    )
    const { user } = await showPage(`/cases/${CASE}`, REVIEWER)
    await waitFor(() => column().getByRole("heading", { name: "Your decision" }))
    await user.keyboard("7n")
    await user.keyboard("A test picture.{Control>}{Enter}{/Control}")
    await waitFor(() =>
      expect(made.some(({ call }) => call.endsWith("/decisions") && call.startsWith("POST"))).toBe(true),
    )
    const sent = made.find(({ call }) => call === `POST /v1/cases/${CASE}/decisions`)
    expect(decided(sent?.body)).toMatchObject({ basis: "not-violation", rationale: "A test picture." })
  })

  it("keeps the typed rationale if the server refuses the decision", async () => {
    serve(
      opened({
        [`POST /v1/cases/${CASE}/decisions`]: new Problem(409, "state_conflict", "somebody else decided it"),
      }),
    )
    const { user } = await showPage(`/cases/${CASE}`, REVIEWER)
    await waitFor(() => column().getByRole("heading", { name: "Your decision" }))
    await user.keyboard("6n")
    await user.keyboard("Kept.{Control>}{Enter}{/Control}")
    await waitFor(() => expect(column().getByRole("alert").textContent).toContain("Somebody else decided it."))
    expect(column().getByRole<HTMLTextAreaElement>("textbox", { name: "Why" }).value).toContain("Kept.")
  })

  it("asks of each item that is not an exact match whether the report includes it", async () => {
    serve(opened({ [`GET /v1/cases/${CASE}/items`]: { items: [itemRow(1, { strength: "near" })] } }))
    const { user } = await showPage(`/cases/${CASE}`, REVIEWER)
    await waitFor(() => column().getByRole("heading", { name: "Your decision" }))
    await user.keyboard("1{Enter}")
    await waitFor(() => expect(column().getByRole("alert").textContent).toContain("One item is not an exact match"))
  })

  it("flags danger only after a confirmation, which a key that stays down does not give", async () => {
    const made = serve(opened({ [`GET /v1/cases/${CASE}/call`]: { onCall: { pager: "none", contact: "the office" } } }))
    const { user } = await showPage(`/cases/${CASE}`, REVIEWER)
    await waitFor(() => column().getByRole("heading", { name: "Your decision" }))
    await user.keyboard("d")
    const asked = await screen.findByRole("dialog")
    expect(document.activeElement?.textContent).toBe("Cancel")
    await user.click(within(asked).getByRole("button", { name: "Cancel" }))
    expect(made.filter(({ call }) => call.endsWith("/danger"))).toEqual([])
  })

  it("shows an error, and nothing else, if its items cannot be loaded", async () => {
    serve(opened({ [`GET /v1/cases/${CASE}/items`]: new Problem(503, "unavailable", "not now") }))
    await showPage(`/cases/${CASE}`, REVIEWER)
    expect((await screen.findByRole("alert")).textContent).toContain("This could not be loaded.")
    expect(screen.queryByRole("heading", { name: "Items" })).toBeNull()
  })
})
