import { screen, waitFor, within } from "@testing-library/react"
import { describe, expect, it } from "vitest"
import type { PageManifest } from "../src/app/page-manifest.ts"
import { PageTitle } from "../src/app/page-title.tsx"
import { pages } from "../src/app/pages.ts"
import { Rail } from "../src/shell/rail.tsx"
import { serve } from "./support/server.ts"
import { showPage } from "./support/show.tsx"

const around = (
  <>
    <PageTitle />
    <Rail />
  </>
)
const rail = () => within(screen.getByRole("navigation", { name: "Main" }))
const all: readonly PageManifest[] = pages

describe("the rail", () => {
  it("shows only the pages that the person may open", async () => {
    serve({})
    await showPage("/settings", ["case:read", "policy:read"], around)
    expect(
      rail()
        .getAllByRole("link")
        .map((link) => link.textContent),
    ).toEqual(["Home", "Cases", "Lists and policies"])
  })

  it("marks the current page, on both pages of a shared entry", async () => {
    serve({})
    await showPage("/policies", ["list:read", "policy:read"], around)
    await waitFor(() => expect(rail().getByRole("link", { current: "page" }).textContent).toBe("Lists and policies"))
  })

  it("opens a page by its two keys", async () => {
    serve({})
    const { user, path } = await showPage("/settings", ["report:read"], around)
    await user.keyboard("gr")
    await waitFor(() => expect(path()).toBe("/reports"))
    await waitFor(() => expect(document.title).toBe("Reports – Nightlight"))
  })
})

describe("pages", () => {
  it("have distinct addresses and keys", () => {
    const paths = all.flatMap(({ routes }) => routes.map(({ path }) => path))
    const keys = all.flatMap(({ rail }) => (rail === undefined ? [] : [rail.key]))
    expect(new Set(paths).size).toBe(paths.length)
    expect(new Set(keys).size).toBe(keys.length)
  })

  it("that open without a sign-in are only those for signing in, set-up and joining", () => {
    const open = all.filter(({ isOpen }) => isOpen === true).map(({ routes: [{ path }] }) => path)
    expect(open).toEqual(["/sign-in", "/setup", "/join"])
  })

  it.each(all.filter(({ permissions }) => permissions.length > 0).map((page) => [page.name, page] as const))(
    "such as %s say so to a person without the permission, and call nothing on the server",
    async (_name, { routes: [{ path }] }) => {
      const made = serve({})
      await showPage(path, [])
      expect(await screen.findByRole("heading", { name: "This page needs a role that you do not have." })).toBeTruthy()
      expect(made).toEqual([])
    },
  )

  it.each([
    ["/evidence/requests", "Requests from authorities"],
    ["/scans/guards", "Guards"],
    ["/policies", "Policies"],
    ["/settings", "Your settings"],
  ])("such as %s name the window %s", async (path, name) => {
    serve({})
    await showPage(path, [], around)
    expect(document.title).toBe(`${name} – Nightlight`)
  })
})
