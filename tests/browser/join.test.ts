import { mkdtempSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import { oneObject, runCommand } from "@nightlight/dev-env/command/run-command"
import { startUp, type UpProcess } from "@nightlight/dev-env/command/up-process"
import { TOTP } from "otpauth"
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { expectAccessible } from "./support/accessible.ts"
import { expectUsableInBoth } from "./support/both-themes.ts"
import { describeInBrowser, openBrowser, openPage } from "./support/browser.ts"
import { nameAdministrators } from "./support/first-administrators.ts"

const MINUTES = 60_000
const STEP_MS = 30_000
const LATE_MS = 6_000
const PASSWORD = "correct horse battery"

/** A new installation without people. */
describeInBrowser("the first people of an installation", () => {
  let home: string
  let up: UpProcess
  let origin: string
  let setupLink: string
  let browser: Browser
  beforeAll(async () => {
    home = mkdtempSync(join(realpathSync(tmpdir()), "nl-join-"))
    up = startUp(["--data", join(home, "site")], { NIGHTLIGHT_PASSPHRASE: "a passphrase of a test" })
    setupLink = String((await up.next(({ event }) => event === "setup-link"))["url"])
    origin = String((await up.next(({ event }) => event === "ready"))["url"])
    browser = await openBrowser()
  }, 3 * MINUTES)
  afterAll(async () => {
    await browser?.close()
    up?.child.kill("SIGTERM")
    await up?.ended
    rmSync(home, { recursive: true, force: true })
  })

  const newPassword = async (page: Page): Promise<void> => {
    const [first, again] = [page.locator("input[type=password]").nth(0), page.locator("input[type=password]").nth(1)]
    await first.fill(PASSWORD)
    await again.fill(`${PASSWORD}?`)
    await page.getByText("The two are not the same.").waitFor()
    await again.fill(PASSWORD)
    await page.getByRole("button", { name: "Continue" }).click()
  }

  /** Reads the secret from the page, as a person types it, and confirms with its first code. */
  async function bindAuthenticator(page: Page): Promise<TOTP> {
    await page.getByRole("img", { name: "QR code of the authenticator's secret" }).waitFor()
    const shown = (await page.getByText(/^Secret: /).textContent()) ?? ""
    const totp = new TOTP({ secret: shown.replace("Secret: ", "").replaceAll(" ", "") })
    // Near the end of a time step, the step's code may be too old when it arrives.
    const leftMs = STEP_MS - (Date.now() % STEP_MS)
    if (leftMs < LATE_MS) await wait(leftMs)
    await page.getByRole("textbox", { name: /^Code/ }).fill(totp.generate({ timestamp: Date.now() - STEP_MS }))
    await page.getByRole("button", { name: "Confirm" }).click()
    await page.getByRole("heading", { name: "You have joined." }).waitFor()
    return totp
  }

  async function signInWith(page: Page, email: string, totp: TOTP): Promise<void> {
    await page.getByRole("link", { name: "Sign in" }).click()
    await page.getByRole("textbox", { name: "E-mail" }).fill(email)
    await page.locator("input[type=password]").fill(PASSWORD)
    await page.getByRole("textbox", { name: /^Code/ }).fill(totp.generate())
    await page.getByRole("button", { name: "Sign in", exact: true }).click()
    await page.getByRole("heading", { name: "Home", level: 1 }).waitFor()
  }

  it("set it up by its link, add authenticators, and sign in; each link works once", {
    timeout: 4 * MINUTES,
  }, async () => {
    await using one = await openPage(browser, origin)
    const { page } = one
    await page.goto("/")
    await page.getByText("This installation has not been set up yet.").waitFor()
    await page.goto("/setup")
    await page.getByText("This link is incomplete.").waitFor()
    await page.goto(setupLink)
    await page.reload()
    await page.getByRole("heading", { name: "Set up this installation" }).waitFor()
    await expectUsableInBoth(page, "setup")
    await nameAdministrators(page)
    await newPassword(page)
    await page.getByRole("heading", { name: "Set up your authenticator" }).waitFor()
    await expectAccessible(page)
    const totp = await bindAuthenticator(page)
    await page.getByText("The link works once and is shown only now.").waitFor()
    const invitation = (await page.getByText(/\/join#/).textContent()) ?? ""
    const command = (await page.getByText(/^nightlight people code person-/).textContent()) ?? ""
    await expectAccessible(page)
    await signInWith(page, "one@example.org", totp)

    await using two = await openPage(browser, origin)
    await two.page.goto(invitation)
    await two.page.getByRole("heading", { name: "Choose how you sign in" }).waitFor()
    await expectUsableInBoth(two.page, "join")
    await two.page.getByRole("textbox", { name: "One-time code" }).fill("not the code")
    await newPassword(two.page)
    await two.page.getByRole("alert").waitFor()
    const host = await runCommand([...command.split(" ").slice(1), "--data", join(home, "site"), "--json"])
    const [made] = oneObject(host)["codes"] as readonly { readonly code: string }[]
    await two.page.getByRole("textbox", { name: "One-time code" }).fill(made?.code ?? "")
    await two.page.getByRole("button", { name: "Continue" }).click()
    await signInWith(two.page, "two@example.org", await bindAuthenticator(two.page))
    expect(new URL(two.page.url()).hash).toBe("")

    await using stranger = await openPage(browser, origin)
    await stranger.page.goto(invitation)
    await stranger.page.getByRole("textbox", { name: "One-time code" }).fill(made?.code ?? "")
    await newPassword(stranger.page)
    await stranger.page.getByRole("alert").waitFor()
  })
})
