import { MINUTE_MS } from "@nightlight/core"
import { signIn } from "@nightlight/dev-env/browser/sign-in"
import { expect, it } from "vitest"
import { expectUsableInBoth } from "./support/both-themes.ts"
import { describeOnDemo } from "./support/describe-on-demo.ts"

describeOnDemo("the sign-in page", (demo) => {
  it("is where a stranger is led, and is accessible in both themes", async () => {
    await using watched = await demo.openPage()
    const { page } = watched
    await page.goto("/cases")
    await page.waitForURL(/\/sign-in/)
    await page.getByRole("button", { name: "Sign in", exact: true }).waitFor()
    await expectUsableInBoth(page, "sign-in")
  })

  it("refuses a wrong code, and accepts the next one", { timeout: 3 * MINUTE_MS }, async () => {
    await using watched = await demo.openPage()
    const { page } = watched
    const { email, password } = demo.server.person("Auditor")
    await page.goto("/sign-in")
    await page.getByRole("textbox", { name: "E-mail" }).fill(email)
    await page.locator("input[type=password]").fill(password)
    await page.getByRole("textbox", { name: /^Code/ }).fill("000000")
    await page.getByRole("button", { name: "Sign in", exact: true }).click()
    await page.getByRole("alert").waitFor()
    expect(new URL(page.url()).pathname).toBe("/sign-in")
    await signIn(page, demo.server.person("Auditor"))
    await page.getByRole("navigation").first().waitFor()
  })

  it("writes markup only through its one trusted-types policy, which lets no tag and no script through", async () => {
    const context = await demo.browser.newContext({ baseURL: demo.server.origin })
    const page = await context.newPage()
    await page.addInitScript({
      content: `globalThis.seen = []
        document.addEventListener("securitypolicyviolation", (event) => seen.push(event.violatedDirective + " " + event.sample))`,
    })
    await signIn(page, demo.server.person("Reviewer One"))
    await page.getByRole("navigation").first().waitFor()
    await page.goto("/cases")
    await page.getByRole("navigation").first().waitFor()
    expect(await page.evaluate("seen")).toEqual([])
    const tried = await page.evaluate(`[
      () => { document.createElement("div").innerHTML = "<img>" },
      () => { document.createElement("script").text = "0" },
      () => { document.createElement("script").src = "/assets/none.js" },
      () => { trustedTypes.createPolicy("another", {}) },
      () => { document.createElement("style").innerHTML = "a { color: red }" },
    ].map((write) => { try { write(); return "taken" } catch { return "refused" } })`)
    expect(tried).toEqual(["refused", "refused", "refused", "refused", "taken"])
    await context.close()
  })

  it("says that the installation is a demonstration", async () => {
    await using watched = await demo.openPage()
    await signIn(watched.page, demo.server.person("Reviewer One"))
    await watched.page.getByText("Nothing here is real").waitFor()
  })
})
