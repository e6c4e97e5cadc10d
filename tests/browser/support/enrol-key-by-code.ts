/** Enrols a signing key in a browser, as a person does with the code that the custodian's host printed for them. */
import { join } from "node:path"
import { createCustodianClient, readConfig } from "@nightlight/custodian"
import { custodianRole, DEMO_PASSPHRASE } from "@nightlight/demo"
import { signIn } from "@nightlight/dev-env/browser/sign-in"
import type { Page } from "playwright-core"
import type { DemoServer } from "./demo-server.ts"

/** Signs a person in, enrols a new key of theirs in the page's browser, and goes to `to`. */
export async function signInWithKey(
  page: Page,
  server: DemoServer,
  name: string,
  { to = "/" }: { readonly to?: string } = {},
): Promise<void> {
  const { id, role } = server.person(name)
  const known = custodianRole(role)
  if (known === undefined) throw new Error(`${name} signs nothing`)
  const { socket } = await readConfig(join(server.folder, "custodian", "custodian.yaml"))
  const { code } = await createCustodianClient(socket).invite(DEMO_PASSPHRASE, id, [known])
  await signIn(page, server.person(name), { to: "/settings" })
  await page.getByLabel("Code from the custodian's host").fill(code)
  await page.keyboard.press("Enter")
  await page.getByText("This browser has your key.").waitFor()
  await page.goto(to)
}
