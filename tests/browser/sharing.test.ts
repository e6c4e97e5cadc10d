/** One browser that several people use, with many pages, or with a key that is held down. */

import { signIn } from "@nightlight/dev-env/browser/sign-in"
import { freshCode } from "@nightlight/dev-env/command/demo-person"
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { describeInBrowser } from "./support/browser.ts"
import { takeNextCase } from "./support/case-keys.ts"
import { DEMO_START_MS, type DemoServer, startDemoServer } from "./support/demo-server.ts"

const MINUTES = 60_000

describeInBrowser("one browser", () => {
  let server: DemoServer
  let browser: Browser
  beforeAll(async () => {
    server = await startDemoServer()
    browser = await chromium.launch({
      executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
      // Playwright disables the back-forward cache, which people's browsers have.
      ignoreDefaultArgs: ["--disable-back-forward-cache"],
    })
  }, DEMO_START_MS)
  afterAll(async () => {
    await browser?.close()
    await server?.[Symbol.asyncDispose]()
  })

  const openContext = (): Promise<BrowserContext> =>
    browser.newContext({ baseURL: server.origin, viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" })

  async function seenTour(name: string): Promise<void> {
    const calls = await server.calls(name)
    await calls.must("PUT", "/v1/me/preferences", { tourDone: true })
  }

  /** Signs in on the page as it is, without loading it again. */
  async function signInHere(page: Page, name: string): Promise<void> {
    const person = server.person(name)
    await page.getByRole("textbox", { name: "E-mail" }).fill(person.email)
    await page.locator("input[type=password]").fill(person.password)
    await page.getByRole("textbox", { name: /^Code/ }).fill(await freshCode(person))
    await page.getByRole("button", { name: "Sign in", exact: true }).click()
    await page.waitForURL((url) => url.pathname !== "/sign-in")
  }

  async function signOut(page: Page): Promise<void> {
    await page.getByRole("banner").getByRole("button").last().click()
    await page.getByRole("menuitem", { name: "Sign out" }).click()
    await page.waitForURL(/\/sign-in/)
  }

  it("never shows one person's typed text to the next person", { timeout: 4 * MINUTES }, async () => {
    await seenTour("Reviewer Two")
    await using context = await openContext()
    const page = await context.newPage()
    await signIn(page, server.person("Reviewer One"), { to: "/cases" })
    const caseId = await takeNextCase(page)
    await page.keyboard.press("n")
    await page.keyboard.type("As the first one sees it.")
    await page.getByRole("button", { name: "Give it back" }).click()
    await page.getByRole("button", { name: /Take this case/ }).waitFor()
    await signOut(page)
    await signInHere(page, "Reviewer Two")
    await page.getByRole("link", { name: "Cases", exact: true }).click()
    await page.locator(`#row-${caseId}`).click()
    await page.getByRole("button", { name: /Take this case/ }).click()
    await page.getByText("You have taken this case").waitFor()
    expect(await page.getByRole("textbox", { name: "Why", exact: true }).inputValue()).toBe("")
  })

  it("does not claim that a session ended if it did not", { timeout: 2 * MINUTES }, async () => {
    await seenTour("Custodian")
    await using context = await openContext()
    const page = await context.newPage()
    await signIn(page, server.person("Custodian"), { to: "/" })
    await page.route("**/v1/sign-out", (route) => route.fulfill({ status: 503, json: { type: "unavailable" } }))
    await page.getByRole("banner").getByRole("button").last().click()
    await Promise.all([page.waitForEvent("load"), page.getByRole("menuitem", { name: "Sign out" }).click()])
    await page.getByRole("banner").getByText("Custodian").waitFor()
    expect(new URL(page.url()).pathname).toBe("/")
    await page.unroute("**/v1/sign-out")
    await signOut(page)
  })

  it("does not restore a page that was left before its session ended", { timeout: 3 * MINUTES }, async () => {
    await using context = await openContext()
    const page = await context.newPage()
    await signIn(page, server.person("Auditor"), { to: "/cases" })
    await page.getByRole("option").first().waitFor()
    await page.goto("/healthz")
    await page.request.post("/v1/sign-out", { data: {}, headers: { origin: server.origin } })
    await page.goBack({ waitUntil: "commit" })
    await page.waitForURL(/\/sign-in/)
    await page.getByRole("textbox", { name: "E-mail" }).waitFor()
    expect(await page.getByRole("option").count()).toBe(0)
  })

  it("reloads a page if another person signs in in another window", { timeout: 3 * MINUTES }, async () => {
    await seenTour("Counsel")
    await using context = await openContext()
    const [page, beside] = [await context.newPage(), await context.newPage()]
    await signIn(page, server.person("Auditor"), { to: "/cases" })
    await page.getByRole("option").first().waitFor()
    await page.evaluate("window.kept = true")
    await beside.goto("/sign-in")
    await signInHere(beside, "Counsel")
    await page.getByRole("banner").getByText("Counsel").waitFor()
    expect(await page.evaluate("window.kept")).toBeUndefined()
  })

  it("can have eight pages open, and each is updated", { timeout: 5 * MINUTES }, async () => {
    await using context = await openContext()
    const first = await context.newPage()
    await signIn(first, server.person("Senior Reviewer"), { to: "/cases" })
    const caseId = await takeNextCase(first)
    const pages: Page[] = []
    for (let n = 0; n < 7; n++) {
      const page = await context.newPage()
      await page.goto(`/cases/${caseId}`)
      await page.getByText("You have taken this case").waitFor()
      pages.push(page)
    }
    const [one, ...others] = pages
    // When the page with the live connection closes, another page takes over.
    await first.close()
    await one?.getByRole("button", { name: "Give it back" }).click()
    for (const page of others) await page.getByRole("button", { name: /Take this case/ }).waitFor()
  })

  it("treats a key that stays down as one press", { timeout: 3 * MINUTES }, async () => {
    await using context = await openContext()
    const page = await context.newPage()
    await signIn(page, server.person("Reviewer One"), { to: "/cases" })
    await page.getByRole("option").first().waitFor()
    let taken = 0
    page.on("request", (request) => {
      if (new URL(request.url()).pathname === "/v1/cases/next") taken++
    })
    for (let n = 0; n < 8; n++) await page.keyboard.down("x")
    await page.waitForURL(/\/cases\/case-/)
    await page.getByText("You have taken this case").waitFor()
    for (let n = 0; n < 8; n++) await page.keyboard.down("x")
    await page.keyboard.up("x")
    await page.keyboard.press("?")
    await page.getByRole("dialog").waitFor()
    expect(taken).toBe(1)
  })
})
