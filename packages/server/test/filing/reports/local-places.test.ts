import type { JsonValue } from "@nightlight/core"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { locationOf } from "../../../src/filing/reports/draft/context.ts"
import { draftReport } from "../../../src/filing/reports/draft/draft.ts"
import { matchOf } from "../../../src/filing/reports/draft/matched.ts"
import type { DraftItem, DraftMaterial } from "../../../src/filing/reports/draft/material.ts"
import { publicUrl } from "../../../src/filing/reports/draft/public-url.ts"
import { aMatch } from "../../casework/cases/builders.ts"
import { draftMaterial } from "./support/draft-material.ts"

const CANARY = "canary"

/** A report of one item, as it is made of what was sealed beside it; every string that is sent, in one text. */
function sentOf(found: JsonValue, origin: DraftMaterial["origin"] = "dataset", datasetName?: string): string {
  const caseItem: DraftItem = {
    itemId: `item-${CANARY}`,
    evidence: { evidenceId: `evidence-${CANARY}`, ciphertextSha256: "a".repeat(64) },
    hasContent: true,
    foundAt: "2026-02-28T10:00:00.000Z",
    digests: { sha256: "2".repeat(64) },
    digestsVerified: true,
    classification: "A2",
    annotations: [],
    viewed: undefined,
    match: matchOf([aMatch()]),
    locations: [locationOf(found, datasetName)],
    text: undefined,
  }
  const { document, files } = draftReport(
    draftMaterial({ origin, items: [caseItem], now: new Date("2026-03-01T12:00:00Z") }),
  )
  return stringsIn([document, files.map(({ details }) => details)]).join("\n")
}

function stringsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value]
  if (typeof value !== "object" || value === null) return []
  return Object.entries(value).flatMap(([name, member]) => [name, ...stringsIn(member)])
}

const PLACES = {
  finding: `finding-${CANARY}`,
  scan: `scan-${CANARY}`,
  dataset: `/home/${CANARY}/sets/crawl`,
  shard: `${CANARY}/part-1/000017.tar`,
  key: `${CANARY}/deep/000000042`,
  place: `member:${CANARY}`,
  declared: { path: `/mnt/${CANARY}` },
  custody: { mode: "seal", basis: CANARY },
}

describe("the location of an item in a report", () => {
  it.each(["dataset", "account", "direct"] as const)("contains no path, machine or id of ours (%s)", (origin) => {
    const sent = sentOf({ ...PLACES, sourceUrl: "https://pictures.example/42.jpg" }, origin)
    expect(sent).not.toContain(CANARY)
    expect(sent).toContain(origin === "dataset" ? "shard: 000017.tar; key: 000000042" : "2".repeat(64))
  })

  it("names the dataset as its source was enrolled, and not at all if it has no name", () => {
    expect(sentOf(PLACES, "dataset", "Example Crawl 2026")).toContain("dataset: Example Crawl 2026;")
    expect(sentOf(PLACES)).not.toContain("; dataset:")
  })

  it("contains no folder, however the path is written", () => {
    const name = fc.stringMatching(/^[a-z]{1,8}$/)
    const path = fc
      .tuple(
        fc.constantFrom("", "/", "./", "../", "C:\\", "\\\\host\\", "file:///"),
        fc.array(name),
        fc.constantFrom("/", "\\", "//"),
      )
      .map(([start, folders, separator]) => `${start}${[CANARY, ...folders, "last.tar"].join(separator)}`)
    fc.assert(
      fc.property(path, (shard) => {
        const sent = sentOf({ ...PLACES, shard, key: shard, sourceUrl: shard })
        expect(sent).not.toContain(CANARY)
        expect(sent).toContain("shard: last.tar")
      }),
    )
  })

  it.each([
    `http://${CANARY}/bucket/1.jpg`,
    `http://minio.${CANARY}.internal/1.jpg`,
    `https://${CANARY}.local./1.jpg`,
    `http://localhost:9000/${CANARY}.jpg`,
    `http://10.1.2.3/${CANARY}.jpg`,
    `http://0x7f.1/${CANARY}.jpg`,
    `http://[::1]/${CANARY}.jpg`,
    `http://[::ffff:10.0.0.1]/${CANARY}.jpg`,
    `http://[fd00::1]/${CANARY}.jpg`,
    `s3://${CANARY}/1.jpg`,
    `file:///srv/${CANARY}/1.jpg`,
  ])("holds no address that only we could ask: %s", (sourceUrl) => {
    expect(publicUrl(sourceUrl)).toBeUndefined()
    expect(sentOf({ ...PLACES, sourceUrl })).not.toContain(CANARY)
  })

  it("contains a public address as the dataset states it, without its credentials", () => {
    expect(publicUrl("HTTPS://Pictures.example/A%20b.jpg?x=1")).toBe("HTTPS://Pictures.example/A%20b.jpg?x=1")
    expect(publicUrl("http://93.184.216.34/1.jpg")).toBe("http://93.184.216.34/1.jpg")
    expect(publicUrl(`https://user:${CANARY}@pictures.example/1.jpg`)).toBe("https://pictures.example/1.jpg")
  })
})
