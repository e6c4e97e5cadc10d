import { screen, within } from "@testing-library/react"
import { expect, it } from "vitest"
import { CustodyView } from "../src/screens/evidence/custody-view.tsx"
import { evidence } from "../src/screens/evidence/words.ts"
import { serve } from "./support/server.ts"
import { OTHER_ID, showPart } from "./support/show.tsx"

it("a case's custody shows what people opened apart from what happened to its evidence", async () => {
  const event = (seq: number, type: string) => ({
    seq,
    type,
    at: "2026-03-01T12:00:00.000Z",
    actor: OTHER_ID,
    subject: "case-1",
    data: {},
  })
  serve({
    "GET /v1/cases/case-1/custody": {
      events: [event(1, "evidence.received"), event(2, "report.filing-sheet-written"), event(3, "viewing.shown")],
    },
  })
  await showPart(<CustodyView caseId="case-1" />, ["preservation:read"])
  const rowsUnder = async (title: string) => {
    const section = (await screen.findByRole("heading", { name: title })).closest("section")
    const rows = within(section as HTMLElement).getAllByRole("row")
    return rows.map(({ textContent }) => textContent).join()
  }
  expect(await rowsUnder(evidence.custody.opened)).toMatch(/sheet for filing manually.*An item was shown/)
  expect(await rowsUnder(evidence.custody.moved)).not.toMatch(/sheet for filing|was shown/)
})
