import type { SharedScanReport } from "@nightlight/contract/server"
import { screen } from "@testing-library/react"
import { describe, expect, it } from "vitest"
import { ScanView } from "../src/screens/scans/scan-view.tsx"
import { scanDetail } from "./support/scan-records.ts"
import { serve } from "./support/server.ts"
import { showPart } from "./support/show.tsx"

async function shownReport(report: Partial<SharedScanReport>): Promise<string> {
  serve({})
  await showPart(<ScanView scan={scanDetail(report)} />, ["scan:read"])
  return (await screen.findByRole("article")).textContent ?? ""
}

describe("a scan's report", () => {
  it("says how many shards no run has screened yet, and that the same command continues", async () => {
    const text = await shownReport({ state: "partial", remaining: 12 })
    expect(text).toContain("Not screened yet12 shards of the dataset. The same command continues the scan.")
    expect(text).not.toContain("Everything was screened")
  })

  it("says what nothing looked into, by type, and warns where it is most of the dataset", async () => {
    const types = { "image/svg+xml": 20, "video/mp4": 700 }
    const text = await shownReport({ unread: { items: 720, bytes: 4_000_000, types, isMost: true } })
    expect(text).toContain("Not looked into720 items, 4.0 MB700 video/mp4, 20 image/svg+xml")
    expect(text).toContain("more than half of what was read")
  })

  it("says that clear samples left the clean copy, since loaders would merge them with others of the same key", async () => {
    const clean = { samplesDropped: 5, keyCollisions: 2, itemsWritten: 995, bytes: 4_900_000, stale: 0 }
    const text = await shownReport({ clean })
    expect(text).toContain("995 items, 4.9 MB2 clear samples are not in it: without withheld ones between")
  })

  it("counts a single item and a single sample as one", async () => {
    const clean = { samplesDropped: 1, keyCollisions: 1, itemsWritten: 1, bytes: 4_900_000, stale: 0 }
    expect(await shownReport({ clean })).toContain("1 item, 4.9 MBOne clear sample is not in it")
  })

  it("says of a whole scan that nothing was passed over, and no more", async () => {
    const text = await shownReport({
      clean: { samplesDropped: 0, keyCollisions: 0, itemsWritten: 1000, bytes: 5_000_000, stale: 0 },
    })
    expect(text).toContain("Not looked intonothing")
    expect(text).toContain("Everything was screened.")
    for (const absent of ["Not screened yet", "not in it", "more than half"]) expect(text).not.toContain(absent)
  })
})
