import { screen, within } from "@testing-library/react"
import { describe, expect, it } from "vitest"
import { reportRow } from "./support/records.ts"
import { serve } from "./support/server.ts"
import { MY_ID, OTHER_ID, showPage } from "./support/show.tsx"

const rows = async () => within(await screen.findByRole("listbox", { name: "Reports" })).findAllByRole("option")

describe("the list of reports", () => {
  it("says which reports wait for the user, which stopped, and which go to the test host", async () => {
    serve({
      "GET /v1/reports": {
        reports: [reportRow(1, { state: "proposed", preparedBy: OTHER_ID }), reportRow(2, { state: "held" })],
      },
    })
    await showPage("/reports", ["report:read", "report:approve"])
    const [first, second] = await rows()
    expect(first?.textContent).toContain("For you to approve")
    expect(second?.textContent).toContain("Stopped: needs a person")
    expect(first?.textContent).toContain("Test host")
  })

  it("never offers people their own report to approve", async () => {
    serve({ "GET /v1/reports": { reports: [reportRow(1, { state: "proposed", preparedBy: MY_ID })] } })
    await showPage("/reports", ["report:read", "report:approve"])
    const [row] = await rows()
    expect(row?.textContent).toContain("Waits for a second person")
  })
})
