/** Signs people in on the sign-in page: e-mail, password, code. */
import type { BrowserContext, Page } from "playwright-core"
import { type DemoPerson, freshCode } from "../command/demo-person.ts"

/** Session cookies by server and person. Reusing them avoids the wait for a fresh code. */
const kept = new Map<string, Awaited<ReturnType<BrowserContext["cookies"]>>>()

/**
 * Signs a person in through the page, which ends on the home screen or at `to`. A live session is reused.
 *
 * @param tour - Keeps the tour of the first sign-in; without it the tour is skipped.
 */
export async function signIn(
  page: Page,
  person: DemoPerson,
  { to = "/", tour = false }: { readonly to?: string; readonly tour?: boolean } = {},
): Promise<void> {
  if (tour || !(await goesOn(page, person))) await signInByCode(page, person)
  if (tour) return
  await endTour(page)
  await page.goto(to)
}

/** Gives the page the person's session, if it is still live. */
async function goesOn(page: Page, person: DemoPerson): Promise<boolean> {
  await page.goto("/sign-in")
  const cookies = kept.get(keyOf(page, person))
  if (cookies === undefined) return false
  await page.context().addCookies(cookies)
  if ((await page.request.get("/v1/me")).ok()) return true
  await page.context().clearCookies()
  return false
}

/** Signs a person in with e-mail, password and the next code. */
export async function signInByCode(page: Page, person: DemoPerson): Promise<void> {
  await page.goto("/sign-in")
  await page.getByRole("textbox", { name: "E-mail" }).fill(person.email)
  await page.locator("input[type=password]").fill(person.password)
  for (let tries = 0; ; tries++) {
    await page.getByRole("textbox", { name: /^Code/ }).fill(await freshCode(person))
    const [answer] = await Promise.all([
      page.waitForResponse((response) => isSignIn(response.url(), response.request().method())),
      page.getByRole("button", { name: "Sign in", exact: true }).click(),
    ])
    if (answer.ok()) break
    // The making of a demonstration also uses its administrators' codes.
    if (tries === 2) throw new Error(`${person.email} cannot sign in: ${answer.status()}`)
  }
  await page.waitForURL((url) => url.pathname !== "/sign-in")
  kept.set(keyOf(page, person), await page.context().cookies())
}

function keyOf(page: Page, { id }: DemoPerson): string {
  return `${new URL(page.url()).origin} ${id}`
}

/** Marks the tour as seen, as its last page does. */
async function endTour(page: Page): Promise<void> {
  const { origin } = new URL(page.url())
  const answer = await page.request.put("/v1/me/preferences", { data: { tourDone: true }, headers: { origin } })
  if (!answer.ok()) throw new Error(`the tour could not be ended: ${answer.status()}`)
}

function isSignIn(url: string, method: string): boolean {
  return method === "POST" && new URL(url).pathname === "/v1/sign-in"
}
