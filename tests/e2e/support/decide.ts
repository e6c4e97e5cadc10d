/** Decides a case through the API, like a person whose page is updated when the case changes. */
import { vi } from "vitest"
import type { ConsolePerson } from "./person.ts"

const SOON = { timeout: 90_000, interval: 200 }

/** Claims a case and decides it. While items still join the case its version changes; then it is read again. */
export async function decideCase(person: ConsolePerson, caseId: string, decision: object): Promise<void> {
  const path = `/v1/cases/${caseId}`
  const approval = async (name: string, body: object) => {
    const { version } = await person.must<{ version: number }>("GET", path)
    await person.must("POST", `${path}/${name}`, { ...body, version })
  }
  await vi.waitFor(() => approval("claim", {}), SOON)
  // The report includes everything: items that are not exact matches must be named.
  const { items: caseItems } = await person.must<{ items: { itemId: string }[] }>("GET", `${path}/items`)
  const included = caseItems.map(({ itemId }) => ({ itemId, included: true }))
  await vi.waitFor(() => approval("decisions", { ...decision, items: included }), SOON)
}
