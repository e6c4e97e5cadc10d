import type { KeyList, PeopleList, SourceList } from "@nightlight/contract/server"
import { screen, waitFor, within } from "@testing-library/react"
import { describe, expect, it } from "vitest"
import type { SchemaOutput } from "../src/api/schema-output.ts"
import { idOf } from "./support/records.ts"
import { serve } from "./support/server.ts"
import { OTHER_ID, showPage } from "./support/show.tsx"

const AT = "2026-03-01T08:00:00.000Z"
const KEY: SchemaOutput<typeof KeyList>["keys"][number] = {
  id: idOf("key", 1),
  name: "chat guard",
  scopes: ["screen"],
  callsPerMinute: 30_000,
  madeBy: OTHER_ID,
  madeAt: AT,
  expiresAt: "2099-03-01T08:00:00.000Z",
}
const PERSON: SchemaOutput<typeof PeopleList>["people"][number] = {
  id: OTHER_ID,
  name: "Other Reader",
  email: "other@console.example",
  roles: [],
  madeAt: AT,
  madeBy: "system-setup",
  joinedAt: AT,
}
const SOURCE: SchemaOutput<typeof SourceList>["sources"][number] = {
  source: idOf("source", 1),
  name: "training data",
  keyId: "ed25519-0123456789abcdef",
  namesAccounts: false,
  enrolledAt: AT,
  enrolledBy: OTHER_ID,
}

describe("the administration page", () => {
  it("has a tab for each permission that the person holds, opened by its number", async () => {
    serve({ "GET /v1/keys": { keys: [] }, "GET /v1/sources": { sources: [] } })
    const { user, path } = await showPage("/administration", ["key:manage", "source:read"])
    const parts = within(await screen.findByRole("navigation", { name: "Parts of the administration" }))
    expect(parts.getAllByRole("link")).toHaveLength(2)
    await user.keyboard("2")
    await waitFor(() => expect(path()).toBe("/administration/sources"))
  })

  it("never shows a tab without its permission, whatever the address says", async () => {
    serve({ "GET /v1/keys": { keys: [] } })
    await showPage("/administration/people", ["key:manage"])
    expect(await screen.findByRole("heading", { name: "This page needs a role that you do not have." })).toBeTruthy()
  })

  it("revokes a key only once it is confirmed", async () => {
    const made = serve({ "GET /v1/keys": { keys: [KEY] }, [`DELETE /v1/keys/${KEY.id}`]: null })
    const { user } = await showPage("/administration/keys", ["key:manage"])
    await user.click(await screen.findByRole("button", { name: "Revoke: chat guard" }))
    const asked = within(await screen.findByRole("dialog", { name: "Revoke the key chat guard" }))
    expect(made.some(({ call }) => call.startsWith("DELETE"))).toBe(false)
    await user.click(asked.getByRole("button", { name: /^Revoke/ }))
    await waitFor(() => expect(made.some(({ call }) => call === `DELETE /v1/keys/${KEY.id}`)).toBe(true))
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull())
  })

  it("makes a key with a limit of its own if it screens items", async () => {
    const made = serve({
      "GET /v1/keys": { keys: [KEY] },
      "GET /v1/sources": { sources: [] },
      "POST /v1/keys": { key: KEY, token: "nlk_example" },
    })
    const { user } = await showPage("/administration/keys", ["key:manage"])
    expect(await screen.findByText("30,000 a minute")).toBeTruthy()
    await user.click(screen.getByRole("button", { name: "Make a key" }))
    const form = within(await screen.findByRole("form", { name: "Make a key" }))
    await user.type(form.getByRole("textbox", { name: /^Name/ }), "uploads")
    expect(form.queryByRole("textbox", { name: /^Items a minute/ })).toBeNull()
    await user.click(form.getByRole("checkbox", { name: /screening items/ }))
    const limit = form.getByRole("textbox", { name: /^Items a minute/ })
    await user.clear(limit)
    await user.type(limit, "45000")
    await user.click(form.getByRole("button", { name: "Make the key" }))
    await screen.findByText("nlk_example")
    expect(made.find(({ call }) => call === "POST /v1/keys")?.body).toMatchObject({
      name: "uploads",
      scopes: ["screen"],
      callsPerMinute: 45_000,
    })
  })

  it("has no button to revoke an expired or revoked key", async () => {
    serve({ "GET /v1/keys": { keys: [{ ...KEY, revokedAt: AT }] } })
    await showPage("/administration/keys", ["key:manage"])
    expect(await screen.findByRole("row", { name: /chat guard/ })).toBeTruthy()
    expect(screen.queryByRole("button", { name: /^Revoke/ })).toBeNull()
  })

  it("lets only people who manage sources enrol and revoke one", async () => {
    serve({ "GET /v1/sources": { sources: [SOURCE] } })
    await showPage("/administration/sources", ["source:read"])
    expect(await screen.findByRole("row", { name: /training data/ })).toBeTruthy()
    expect(screen.queryAllByRole("button")).toEqual([])
  })

  it("invites a person by the key n, and shows the link once", async () => {
    serve({
      "GET /v1/people": { people: [PERSON] },
      "POST /v1/people": { url: "https://console.example/join#token", expiresAt: AT },
    })
    const { user } = await showPage("/administration/people", ["person:read", "person:manage"])
    expect(await screen.findByRole("option", { name: /Other Reader/ })).toBeTruthy()
    await user.keyboard("n")
    await user.type(await screen.findByRole("textbox", { name: /Name/ }), "New Reader")
    await user.type(screen.getByRole("textbox", { name: /E-mail/ }), "new@console.example{Enter}")
    const link = await screen.findByRole("region", { name: "The link for New Reader" })
    expect(within(link).getByText("https://console.example/join#token")).toBeTruthy()
    await user.click(within(link).getByRole("button", { name: "Close" }))
    await waitFor(() => expect(screen.queryByText("https://console.example/join#token")).toBeNull())
  })
})
