import { signIn } from "@nightlight/dev-env/browser/sign-in"
import type { Page } from "playwright-core"
import { afterAll, expect, it } from "vitest"
import { expectAccessible } from "./support/accessible.ts"
import { expectUsableInBoth } from "./support/both-themes.ts"
import type { WatchedPage } from "./support/browser.ts"
import { NOTHING_STORED, readBrowserStorage } from "./support/browser-storage.ts"
import { refuseStore } from "./support/browser-store.ts"
import { askForViewing, takeNextCase } from "./support/case-keys.ts"
import { describeOnDemo } from "./support/describe-on-demo.ts"
import { shoot } from "./support/pictures.ts"
import { openProfile } from "./support/profile.ts"

const MINUTES = 60_000
const PNG = Buffer.from("89504e470d0a1a0a", "hex")

interface Logged {
  readonly type: string
  readonly actor: string
  readonly data: Readonly<Record<string, unknown>>
}

describeOnDemo("a viewing", (demo) => {
  /** Browsers with a signing key. An enrolment code works only once, so each stays open for all tests. */
  const sites = new Map<string, WatchedPage>()
  afterAll(async () => {
    for (const site of sites.values()) await site[Symbol.asyncDispose]()
  })

  /** Enrols a signing key in this browser, as its person does once. */
  async function bringKey(page: Page, name: string): Promise<void> {
    await page.goto("/settings")
    await page.getByLabel("Code from the custodian's host").fill(demo.server.person(name).enrolmentCode ?? "")
    await page.keyboard.press("Enter")
    await page.getByText("This browser has your key.").waitFor()
  }

  /** The browser of a person who may view. */
  async function siteOf(name: string): Promise<Page> {
    const before = sites.get(name)
    if (before !== undefined) return before.page
    const site = await demo.openPage()
    sites.set(name, site)
    await signIn(site.page, demo.server.person(name))
    await bringKey(site.page, name)
    return site.page
  }

  /** Takes the next case by its key; returns its id. */
  async function takeNext(page: Page): Promise<string> {
    await page.goto("/cases")
    return takeNextCase(page)
  }

  /** Requests a viewing of the shown case, with a reason. */
  async function askFor(page: Page, reasonKey: string): Promise<void> {
    await askForViewing(page)
    await page.keyboard.press(reasonKey)
    await frameOf(page).waitFor()
  }

  async function logOf(caseId: string): Promise<readonly Logged[]> {
    const auditor = await demo.server.calls("Auditor")
    const query = new URLSearchParams({ subject: caseId, limit: "1000" })
    return (await auditor.must<{ events: Logged[] }>("GET", `/v1/audit/events?${query.toString()}`)).events
  }

  const frameOf = (page: Page) => page.getByRole("button", { name: "Hold to see" })
  const canvasOf = (page: Page) => page.locator(".viewing-canvas")
  /** Number of different shades on the canvas. */
  const shadesOn = (page: Page): Promise<number> =>
    page.evaluate(`(() => {
      const canvas = document.querySelector(".viewing-canvas")
      return new Set(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data).size
    })()`)

  it("shows a small copy while Space is held, is logged, and leaves nothing in the browser", {
    timeout: 5 * MINUTES,
  }, async () => {
    await using profile = await openProfile(demo.server.origin)
    const { page } = profile
    const sealed: string[] = []
    page.on("response", (response) => {
      if (response.url().endsWith("/viewings")) {
        void response.json().then((body: { answer: { ciphertext: string } }) => sealed.push(body.answer.ciphertext))
      }
    })
    await signIn(page, demo.server.person("Reviewer One"))
    await bringKey(page, "Reviewer One")
    const caseId = await takeNext(page)

    await askForViewing(page)
    await expectUsableInBoth(page, "viewing-why")
    await page.keyboard.press("1")
    await page.getByRole("heading", { name: "What you are about to see" }).waitFor()
    await page.getByText("You can decide without a viewing").waitFor()
    await expectUsableInBoth(page, "viewing")
    expect(sealed).toEqual([])
    expect((await logOf(caseId)).map(({ type }) => type)).not.toContain("viewing.requested")

    await page.keyboard.down(" ")
    await canvasOf(page).waitFor({ state: "visible" })
    expect(await shadesOn(page)).toBeGreaterThan(5)
    await shoot(page, "viewing-held", "dark")
    await page.emulateMedia({ media: "print" })
    expect(await canvasOf(page).isVisible()).toBe(false)
    await page.emulateMedia({ media: null })
    expect(await page.locator("img, video, picture, [src^='blob:'], [src^='data:'], [style*='url(']").count()).toBe(0)
    await page.keyboard.up(" ")
    await canvasOf(page).waitFor({ state: "hidden" })
    expect(await shadesOn(page)).toBe(1)

    // Again in the same viewing, by the pointer; moving it away hides the picture.
    const box = await frameOf(page).boundingBox()
    await page.mouse.move((box?.x ?? 0) + 40, (box?.y ?? 0) + 40)
    await page.mouse.down()
    await canvasOf(page).waitFor({ state: "visible" })
    await page.mouse.move(2, 2)
    await canvasOf(page).waitFor({ state: "hidden" })
    await page.mouse.up()
    expect(sealed).toHaveLength(1)

    const ended = page.waitForResponse((response) => response.url().endsWith("/end"))
    await page.keyboard.press("Escape")
    expect((await ended).ok()).toBe(true)
    const viewings = (await logOf(caseId)).filter(({ type }) => type.startsWith("viewing."))
    const { id } = demo.server.person("Reviewer One")
    expect(viewings).toMatchObject([
      { type: "viewing.requested", actor: id, data: { reason: "decide", purpose: "derivative" } },
      { type: "viewing.shown", actor: id },
      { type: "viewing.ended", actor: id, data: { presumed: false } },
    ])

    expect(await readBrowserStorage(page)).toEqual({ ...NOTHING_STORED, stores: ["nightlight"] })
    await profile.close()
    // The page's own files are in the cache, which proves that the search finds what is stored.
    expect(profile.filesWith(Buffer.from("/assets/")).length).toBeGreaterThan(0)
    for (const bytes of [PNG, Buffer.from((sealed[0] ?? "").slice(0, 64))]) {
      expect(bytes.length).toBeGreaterThanOrEqual(8)
      expect(profile.filesWith(bytes).filter((file) => /Cache|IndexedDB|Storage|blob|Session/i.test(file))).toEqual([])
    }
  })

  it("is refused once the budget is used up, which keeps nobody from deciding", { timeout: 4 * MINUTES }, async () => {
    const page = await siteOf("Reviewer Two")
    const reviewer = await demo.server.calls("Reviewer Two")
    const counsel = await demo.server.calls("Counsel")
    await counsel.must("PUT", "/v1/exposure/limits", { itemsPerDay: 1 })
    await takeNext(page)
    await askFor(page, "1")
    await page.keyboard.down(" ")
    await canvasOf(page).waitFor({ state: "visible" })
    await page.keyboard.up(" ")
    await page.keyboard.press("Escape")
    await page.getByRole("button", { name: /No more viewings today/ }).waitFor()
    await page.keyboard.press("v")
    await page.getByText("You have no viewings left today.").waitFor()
    await page.getByText("Deciding without a viewing stays possible.").waitFor()
    await expectAccessible(page)
    const caseId = new URL(page.url()).pathname.split("/").at(-1) ?? ""
    await page.keyboard.down(" ")
    await page.keyboard.up(" ")
    await page.keyboard.press("Escape")
    expect((await logOf(caseId)).filter(({ type }) => type === "viewing.requested")).toHaveLength(1)
    const { version } = await reviewer.must<{ version: number }>("GET", `/v1/cases/${caseId}`)
    const decision = { version, basis: "not-violation", rationale: "A generated shape." }
    await reviewer.must("POST", `/v1/cases/${caseId}/decisions`, decision)
    await counsel.must("PUT", "/v1/exposure/limits", { itemsPerDay: 60 })
  })

  it("gives way to a break: it replaces every page, pauses the queue, and keeps the typed text", {
    timeout: 4 * MINUTES,
  }, async () => {
    const page = await siteOf("Senior Reviewer")
    await takeNext(page)
    const why = page.getByRole("textbox", { name: /^Why/ })
    await why.fill("Half a sentence")
    await page.getByRole("button", { name: /^Viewings:/ }).click()
    await page.getByRole("button", { name: "Take a break now" }).click()
    await page.getByRole("heading", { name: "You are on a break." }).waitFor()
    await expectUsableInBoth(page, "break")
    expect(await page.locator("img, canvas").count()).toBe(0)
    expect(await why.isVisible()).toBe(false)
    expect(await page.getByRole("navigation").count()).toBe(0)
    const senior = await demo.server.calls("Senior Reviewer")
    expect(await senior.call("POST", "/v1/cases/next", {})).toMatchObject({
      status: 429,
      body: { type: "budget_reached", by: "break" },
    })
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await why.waitFor()
    expect(await why.inputValue()).toBe("Half a sentence")
    await senior.must("POST", "/v1/cases/next", {})
    // The key works too.
    await page.getByRole("heading", { level: 1 }).first().click()
    await page.keyboard.press("b")
    await page.getByRole("heading", { name: "You are on a break." }).waitFor()
    await page.getByRole("button", { name: "I am back" }).click()
    await page.getByRole("navigation").first().waitFor()
  })

  it("ends after a minute without input, and is logged", {
    timeout: 4 * MINUTES,
  }, async () => {
    const page = await (await siteOf("Senior Reviewer")).context().newPage()
    await page.clock.install()
    const caseId = await takeNext(page)
    await askFor(page, "1")
    await page.keyboard.down(" ")
    await canvasOf(page).waitFor({ state: "visible" })
    await page.keyboard.up(" ")
    await canvasOf(page).waitFor({ state: "hidden" })
    const ended = page.waitForResponse((response) => response.url().endsWith("/end"))
    await page.clock.fastForward(60_000)
    expect((await ended).ok()).toBe(true)
    await page.getByText("Hidden after a minute without input.").waitFor()
    await expectAccessible(page)
    const viewings = (await logOf(caseId)).filter(({ type }) => type.startsWith("viewing."))
    expect(viewings.map(({ type }) => type).slice(-3)).toEqual(["viewing.requested", "viewing.shown", "viewing.ended"])
    await page.close()
    await (await demo.server.calls("Senior Reviewer")).must("DELETE", `/v1/cases/${caseId}/claim`)
  })

  it("shows an original once a second person has signed for it, and the viewer attests it", {
    timeout: 5 * MINUTES,
  }, async () => {
    const first = await siteOf("Senior Reviewer")
    const other = await siteOf("Reviewer Two")
    const caseId = await takeNext(first)
    await askFor(first, "3")
    await first.getByRole("button", { name: "Ask a second person for the original" }).click()
    await first.getByText("Waits for a second person").waitFor()

    await other.getByRole("button", { name: "Read the request" }).click({ timeout: MINUTES })
    await other.getByText("To report it correctly").waitFor()
    await expectAccessible(other)
    await other.getByRole("button", { name: "Sign with your key" }).click()
    await first.getByRole("button", { name: "View the original" }).click({ timeout: MINUTES })
    await frameOf(first).focus()
    await first.keyboard.down(" ")
    await canvasOf(first).waitFor({ state: "visible" })
    await first.keyboard.up(" ")
    await first.getByRole("button", { name: "I have seen the whole file" }).click()
    await first.getByText("Signed.").waitFor()
    const types = (await logOf(caseId)).map(({ type }) => type).filter((type) => /^(viewing|original)\./.test(type))
    // Somebody may have viewed an item of the same case before.
    expect(types.slice(-5)).toEqual([
      "original.requested",
      "original.proven",
      "viewing.requested",
      "viewing.shown",
      "viewing.attested",
    ])
  })

  it("needs a browser that can store a key: without storage the page says so, and no code is used", {
    timeout: 3 * MINUTES,
  }, async () => {
    await using watched = await demo.openPage()
    const { page } = watched
    await refuseStore(page)
    await signIn(page, demo.server.person("Reporter"), { to: "/settings" })
    await page.getByText("You have no key yet.").waitFor()
    await page.getByLabel("Code from the custodian's host").fill(demo.server.person("Reporter").enrolmentCode ?? "")
    await page.keyboard.press("Enter")
    await page.getByRole("alert").filter({ hasText: "This browser stores nothing for this page" }).waitFor()
    await expectAccessible(page)
    expect((await siteOf("Reporter")).url()).toContain("/settings")
  })

  it("is summarised at the end of the shift, with nothing left to do but to sign out", {
    timeout: 3 * MINUTES,
  }, async () => {
    await using watched = await demo.openPage()
    const { page } = watched
    await signIn(page, demo.server.person("Reviewer One"))
    await page.getByRole("navigation").first().waitFor()
    await page.keyboard.press("g")
    await page.keyboard.press("x")
    await page.getByRole("heading", { name: "The end of your day here" }).waitFor()
    await page.getByText("and had one viewing").waitFor()
    await expectUsableInBoth(page, "end-of-shift")
    expect(await page.getByRole("button").allInnerTexts()).toEqual(["Sign out"])
    await page.getByRole("button", { name: "Sign out" }).click()
    await page.waitForURL(/\/sign-in/)
  })

  it("can be made stricter by each person, with a preview on a drawn shape", { timeout: 3 * MINUTES }, async () => {
    await using watched = await demo.openPage()
    const { page } = watched
    await signIn(page, demo.server.person("Reviewer One"), { to: "/settings" })
    await page.getByRole("radiogroup", { name: "Size" }).getByText("128").click()
    await page.getByRole("radiogroup", { name: "Hidden again after" }).getByText("3", { exact: true }).click()
    await page.locator("#viewing").getByRole("button", { name: "Save" }).click()
    await page.getByText("Saved.").waitFor()
    await page.evaluate('document.querySelector("#page").scrollTo(0, 0)')
    await expectUsableInBoth(page, "settings")
    const reviewer = await demo.server.calls("Reviewer One")
    expect(await reviewer.must("GET", "/v1/me/preferences")).toMatchObject({
      viewing: { sizePx: 128, hideAfterSeconds: 3, greyscale: true },
    })
    await page.reload()
    await page.getByText("Size: 128 px at most").waitFor()
  })
})
