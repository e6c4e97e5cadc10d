import { screen, within } from "@testing-library/react"
import { describe, expect, it, vi } from "vitest"
import { reportRow } from "./support/records.ts"
import { Problem, serve } from "./support/server.ts"
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

describe("automatic filing", () => {
  const title = { name: "Filing without a person" }
  const shown = async (answer: unknown) => {
    serve({ "GET /v1/reports": { reports: [] }, "GET /v1/automation": answer })
    const { client } = await showPage("/reports", ["report:read", "report:automate"])
    await screen.findByText(/^No report waits\./)
    await vi.waitFor(() => expect(client.getQueryState(["reports", "automation"])?.status).not.toBe("pending"))
  }

  it("is offered to those who may request it", async () => {
    await shown({ authorisations: [] })
    await screen.findByRole("heading", title)
  })

  it("is offered while the server cannot say whether any was requested", async () => {
    await shown(new Problem(503, "unavailable", "not now"))
    await screen.findByRole("heading", title)
  })

  it("is not shown where the server was built without it", async () => {
    await shown(new Problem(404, "not_found", "there is no such route"))
    expect(screen.queryByRole("heading", title)).toBeNull()
  })
})
