import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { startUp, type UpProcess } from "@nightlight/dev-env/command/up-process"
import { freePort } from "@nightlight/dev-env/machine/free-port"
import { type Issuer, openIssuer } from "@nightlight/dev-env/simulators/issuer"
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { parseDocument } from "yaml"
import { expectAccessible } from "./support/accessible.ts"
import { describeInBrowser, openBrowser } from "./support/browser.ts"
import { nameAdministrators } from "./support/first-administrators.ts"

const MINUTES = 60_000
const ENV = { NIGHTLIGHT_PASSPHRASE: "a passphrase of a test" }

/** A real OpenID Connect provider on the loopback, and an installation that trusts it. */
describeInBrowser("single sign-on", () => {
  let home: string
  let issuer: Issuer
  let up: UpProcess
  let origin: string
  let setupLink: string
  let browser: Browser
  beforeAll(async () => {
    home = mkdtempSync(join(realpathSync(tmpdir()), "nl-oidc-"))
    // The provider must know the installation's address before the server starts.
    const port = await freePort()
    origin = `http://localhost:${port}`
    issuer = await openIssuer(`${origin}/sign-in/callback`)
    const start = async (): Promise<void> => {
      up = startUp(["--data", join(home, "site"), "--port", String(port)], ENV)
      const link = await up.next(({ event }) => event === "setup-link" || event === "ready")
      if (link.event === "setup-link") setupLink = String(link["url"])
      if (link.event !== "ready") await up.next(({ event }) => event === "ready")
    }
    // The first start writes the configuration that the operator then completes.
    await start()
    up.child.kill("SIGTERM")
    await up.ended
    const file = join(home, "site", "server", "server.yaml")
    const config = parseDocument(readFileSync(file, "utf8"))
    const secret = join(home, "site", "server", "issuer.secret")
    writeFileSync(secret, `${issuer.clientSecret}\n`, { mode: 0o600 })
    config.setIn(
      ["signIn", "providers"],
      [{ id: "house", label: "Example House", issuer: issuer.url, clientId: "nightlight", clientSecretFile: secret }],
    )
    writeFileSync(file, config.toString(), { mode: 0o600 })
    await start()
    browser = await openBrowser()
  }, 4 * MINUTES)
  afterAll(async () => {
    await browser?.close()
    up?.child.kill("SIGTERM")
    await up?.ended
    await issuer?.[Symbol.asyncDispose]()
    rmSync(home, { recursive: true, force: true })
  })

  /** Answers the provider's questions: who signs in, and whether this client may know. */
  async function proveThere(page: Page, login: string): Promise<void> {
    await page.waitForURL((url) => url.href.startsWith(issuer.url))
    await page.locator("input[name=login]").fill(login)
    await page.locator("input[name=password]").fill("any")
    await page.locator("button[type=submit]").click()
    const consent = page.getByRole("button", { name: "Continue" })
    await Promise.race([consent.waitFor(), page.waitForURL((url) => url.href.startsWith(origin))])
    if (new URL(page.url()).origin !== origin) await consent.click()
  }

  it("sets up the installation, signs its person in, and refuses a stranger", { timeout: 3 * MINUTES }, async () => {
    const context = await browser.newContext({ baseURL: origin, reducedMotion: "reduce" })
    const page = await context.newPage()
    await page.goto(setupLink)
    await nameAdministrators(page)
    await page.getByRole("button", { name: "Use Example House instead of a password" }).click()
    await proveThere(page, "administrator-one")
    await page.getByText("The link works once and is shown only now.").waitFor()
    await expectAccessible(page)
    await page.getByRole("link", { name: "Sign in" }).click()
    await page.getByRole("button", { name: "Sign in with Example House" }).click()
    await page.waitForURL((url) => url.origin === origin && url.pathname === "/")
    await page.getByRole("heading", { name: "Home", level: 1 }).waitFor()

    // An action that needs a step-up, which happens in another window.
    // Leaving the page sooner would cancel the call, and the tour would be shown once more.
    const saved = page.waitForResponse(
      (response) => response.url().endsWith("/preferences") && response.request().method() === "PUT",
    )
    await page.getByRole("button", { name: "Skip the tour" }).click()
    await saved
    await page.goto("/administration/people")
    await page.getByRole("button", { name: "Invite somebody" }).click()
    await page.getByLabel("Name").last().fill("Reviewer One")
    await page.getByLabel("E-mail").last().fill("reviewer@example.org")
    await page.keyboard.press("Enter")
    const dialog = page.getByRole("dialog", { name: "Prove that it is you" })
    await dialog.waitFor()
    const [proof] = await Promise.all([
      context.waitForEvent("page"),
      dialog.getByRole("button", { name: "Sign in with Example House" }).click(),
    ])
    await dialog.getByRole("button", { name: "I am done" }).click()
    await dialog.getByText("That has not worked yet.").waitFor()
    await proveThere(proof, "administrator-one")
    await proof.getByText("You have proved your identity again.").waitFor()
    await proof.close()
    await dialog.getByRole("button", { name: "I am done" }).click()
    // The call was repeated, as far as the server allows it, and the typed text is still there.
    await page.getByText("Nobody else can be invited before the second administrator has joined.").waitFor()
    expect(await page.getByLabel("Name").last().inputValue()).toBe("Reviewer One")
    await context.close()

    const other = await browser.newContext({ baseURL: origin, reducedMotion: "reduce" })
    const stranger = await other.newPage()
    await stranger.goto("/sign-in")
    await stranger.getByRole("button", { name: "Sign in with Example House" }).click()
    await proveThere(stranger, "somebody-else")
    await stranger.getByRole("heading", { name: "Single sign-on failed." }).waitFor()
    await expectAccessible(stranger)
    expect(new URL(stranger.url()).origin).toBe(origin)
    await other.close()
  })
})
