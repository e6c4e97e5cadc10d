import { join } from "node:path"
import { createPersonKey, documentDigest, enrolmentProof, proveApproval } from "@nightlight/contract/custodian"
import type { ApprovalView } from "@nightlight/contract/server"
import { signIn } from "@nightlight/dev-env/browser/sign-in"
import { runCommand } from "@nightlight/dev-env/command/run-command"
import { readAuditEvents } from "@nightlight/vault/audit"
import type { Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { expectAccessible } from "./support/accessible.ts"
import { openPage, type WatchedPage } from "./support/browser.ts"
import { askForViewing, takeNextCase } from "./support/case-keys.ts"
import { DEMO_START_MS } from "./support/demo-server.ts"
import { describeOnDemo } from "./support/describe-on-demo.ts"
import { addAuthenticator, type VirtualAuthenticator } from "./support/virtual-authenticator.ts"

const MINUTES = 60_000

describeOnDemo("passkeys", (demo) => {
  let watched: WatchedPage
  let page: Page
  let authenticator: VirtualAuthenticator
  beforeAll(async () => {
    watched = await demo.openPage()
    page = watched.page
    authenticator = await addAuthenticator(page)
    await signIn(page, demo.server.person("Senior Reviewer"), { to: "/settings" })
  }, DEMO_START_MS)
  afterAll(async () => {
    await watched?.[Symbol.asyncDispose]()
  })

  /** The custodian's own journal. */
  async function journalOf(type: string) {
    const events = []
    for await (const event of readAuditEvents(join(demo.server.folder, "custodian", "journal"))) {
      if (event.type === type) events.push(event.data)
    }
    return events
  }

  it("sign each document after showing it, and sign nothing if the person declines", {
    timeout: 5 * MINUTES,
  }, async () => {
    await page.getByRole("checkbox", { name: "Make a passkey to sign with", checked: true }).waitFor()
    await page
      .getByLabel("Code from the custodian's host")
      .fill(demo.server.person("Senior Reviewer").enrolmentCode ?? "")
    await page.keyboard.press("Enter")
    await page.getByText("You sign with your passkey.").waitFor()
    await expectAccessible(page)
    expect(await authenticator.count()).toBe(1)

    await page.goto("/cases")
    const caseId = await takeNextCase(page)
    await askForViewing(page)
    await page.keyboard.press("3")
    const ask = page.getByRole("button", { name: "Ask a second person for the original" })
    const dialog = page.getByRole("dialog", { name: "Sign with your passkey" })

    await ask.click()
    await dialog.getByText("Viewing one whole, unaltered file").waitFor()
    await dialog.getByText(caseId).waitFor()
    await expectAccessible(page)
    await page.keyboard.press("Escape")
    await page.getByText("Nothing was signed.", { exact: true }).waitFor()

    await authenticator.recognise(false)
    await ask.click()
    await dialog.waitFor()
    await page.keyboard.press("Enter")
    await page.getByText("Nothing was signed: you cancelled").waitFor()

    await authenticator.recognise(true)
    await ask.click()
    await dialog.waitFor()
    await page.keyboard.press("Enter")
    await page.getByText("Waits for a second person").waitFor()
    expect(await journalOf("enrolment.completed")).toContainEqual(
      expect.objectContaining({ person: demo.server.person("Senior Reviewer").id, passkey: expect.any(String) }),
    )
  })

  it("sign people in by keyboard, and can be renamed and removed", { timeout: 5 * MINUTES }, async () => {
    await page.goto("/settings")
    const own = page.getByRole("region", { name: "Your passkeys to sign in" })
    await own.getByLabel("Name").fill("Laptop")
    await page.keyboard.press("Enter")
    await own.getByText("Done. It signs you in from now on.").waitFor()
    await own.getByRole("button", { name: "Rename: Laptop" }).click()
    await own.getByLabel("Name").first().fill("Work laptop")
    await page.keyboard.press("Enter")
    await own.getByText("Work laptop").waitFor()
    await expectAccessible(page)

    await page.context().clearCookies()
    await page.goto("/sign-in")
    const enter = page.getByRole("button", { name: "Sign in with a passkey" })
    await authenticator.recognise(false)
    await enter.focus()
    await page.keyboard.press("Enter")
    await page.getByText("Nothing was signed: you cancelled").waitFor()
    await expectAccessible(page)
    await authenticator.recognise(true)
    await enter.focus()
    await page.keyboard.press("Enter")
    await page.waitForURL((url) => url.pathname !== "/sign-in")
    await page.goto("/settings")
    await page.getByRole("cell", { name: "passkey" }).first().waitFor()

    await own.getByRole("button", { name: "Remove: Work laptop" }).click()
    await own.getByText("Removed. It can no longer be used to sign in.").waitFor()
    await page.context().clearCookies()
    await page.goto("/sign-in")
    await enter.click()
    await page.getByRole("alert").waitFor()
    expect(new URL(page.url()).pathname).toBe("/sign-in")
  })

  it("need a host name: at a numeric address the console says so and links to the right one", {
    timeout: 2 * MINUTES,
  }, async () => {
    const { port } = new URL(demo.server.origin)
    await using numbered = await openPage(demo.browser, `http://127.0.0.1:${port}`)
    await numbered.page.goto("/sign-in")
    await numbered.page.getByText("Browsers do not use passkeys on a numeric address.").waitFor()
    const link = numbered.page.getByRole("link", { name: demo.server.origin })
    expect(await link.getAttribute("href")).toBe(`${demo.server.origin}/sign-in`)
    expect(await numbered.page.getByRole("button", { name: "Sign in with a passkey" }).count()).toBe(0)
  })

  it("open a reset link without the host's code", {
    timeout: 5 * MINUTES,
  }, async () => {
    const { id } = demo.server.person("Senior Reviewer")
    const [asks, approves] = await Promise.all(
      demo.server.people
        .filter(({ role }) => role === "administrator")
        .map(async (administrator) => {
          const calls = await demo.server.calls(administrator.name)
          const key = await createPersonKey()
          const proof = await enrolmentProof(administrator.enrolmentCode ?? "", administrator.id, key.publicKey)
          await calls.must("POST", "/v1/me/key", { publicKey: key.publicKey, proof })
          const sign = async (approval: ApprovalView, step: "request" | "approve") => {
            const { id: approvalId, kind, subject, payload } = approval
            const approved = { approvalId, kind, subject, payloadSha256: await documentDigest(payload as never) }
            const at = new Date().toISOString()
            return { proof: await proveApproval(approved, { step, person: administrator.id, at }, key.privateKey) }
          }
          return { calls, sign }
        }),
    )
    if (asks === undefined || approves === undefined) throw new Error("expected two administrators")
    const approval = await asks.calls.must<ApprovalView>("POST", `/v1/people/${id}/reset`)
    await asks.calls.must("POST", `/v1/approvals/${approval.id}/sign`, await asks.sign(approval, "request"))
    const done = await approves.calls.must<{ readonly result: { readonly url: string } }>(
      "POST",
      `/v1/approvals/${approval.id}/approve`,
      await approves.sign(approval, "approve"),
    )

    await page.goto(done.result.url)
    await page.getByRole("button", { name: "Confirm with your own key" }).waitFor()
    await page.getByLabel("Or a one-time code").waitFor()
    await expectAccessible(page)
    await authenticator.recognise(true)
    await page.getByRole("button", { name: "Confirm with your own key" }).click()
    await page.getByText("Confirmed with your own key: no code is needed.").waitFor()
    await page.locator("input[type=password]").first().fill("correct horse battery")
    await page.locator("input[type=password]").last().fill("correct horse battery")
    await page.getByRole("button", { name: "Continue" }).click()
    await page.getByRole("heading", { name: "Set up your authenticator" }).waitFor()
    const { events } = await (await demo.server.calls("Auditor")).must<{
      readonly events: readonly { readonly data: Readonly<Record<string, unknown>> }[]
    }>("GET", `/v1/audit/events?subject=${id}&type=link.opened`)
    expect(events.at(-1)?.data).toMatchObject({ by: "passkey" })
  })

  it("are used on a console whose every file is as it was built", async () => {
    const check = await runCommand(["console", "verify", demo.server.origin])
    expect(check).toMatchObject({ exit: 0, err: "" })
    expect(check.out).toContain("equal those of the build with the digest")
    const served = await page.request.get("/console-manifest.json")
    const { files } = (await served.json()) as { readonly files: readonly { readonly path: string }[] }
    expect(files.map(({ path }) => path)).toContain("index.html")
    const html = await (await page.request.get("/", { headers: { accept: "text/html" } })).text()
    expect(html.match(/<(?:script|link rel="(?:modulepreload|stylesheet)")[^>]*>/g)).toSatisfy(
      (tags: readonly string[]) => tags.length > 1 && tags.every((tag) => / integrity="sha384-/.test(tag)),
    )
  })
})
