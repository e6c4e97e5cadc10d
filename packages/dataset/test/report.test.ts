import { ScanReport } from "@nightlight/contract"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { escapeHtml, html } from "../src/report/html.ts"
import { rateOverTime } from "../src/report/rate.ts"
import { renderReport } from "../src/report/render-report.ts"
import { CONTROLS } from "./support/controls.ts"

/** A report of a finished scan that found a few things; every part may be replaced. */
function report(more: Partial<ScanReport> = {}): ScanReport {
  return ScanReport.parse({
    version: 1,
    tool: "nightlight 0.1.0",
    scan: "s-000001",
    state: "complete",
    startedAt: "2026-11-24T10:00:00.000Z",
    finishedAt: "2026-11-24T10:00:08.000Z",
    activeSeconds: 8,
    inputs: ["/data"],
    out: "/clean",
    screened: true,
    demo: false,
    coverage: {
      lists: [{ name: "known", trust: "trusted", snapshot: 3, radiusBits: 31, asOf: "2026-11-01", entries: 54_321 }],
      indexVersion: 7,
      policy: { name: "default", digest: "d".repeat(64) },
      profile: "fullres",
      kernel: "fast",
      isolation: "bwrap+seccomp",
    },
    custody: { mode: "locate", separated: true },
    totals: { shards: 3, samples: 4_000, items: 12_345, bytes: 987_654_321 },
    decisions: { clear: 12_300, unscreened: 0, inconclusive: 20, review: 14, block: 0, quarantine: 11 },
    withheldSamples: 44,
    remaining: 0,
    unread: { items: 20, bytes: 5_000_000, types: { "video/mp4": 13, "image/jpeg": 7 }, isMost: false },
    causes: { media_unsupported: 13, picture_undecodable: 7 },
    exceptions: {},
    matches: [{ list: "known", trust: "trusted", hashType: "sha256", items: 11 }],
    distances: Array.from({ length: 32 }, (_, bits) => (bits === 4 ? 25 : 0)),
    transformations: { upright: 20, flipY: 5 },
    weakMatches: 2,
    flooding: [],
    sealed: { withContent: 0, contextOnly: 25 },
    inPlace: { items: 25, test: 0, shards: [{ path: "000000.tar", items: 25 }] },
    clean: { samplesDropped: 44, keyCollisions: 0, itemsWritten: 12_200, bytes: 987_000_000, stale: [] },
    skipped: {},
    poison: [],
    failed: [],
    timeline: [{ finishedAt: "2026-11-24T10:00:08.000Z", seconds: 8, items: 12_345 }],
    ...more,
  })
}

/** A page's text as a reader sees it. */
function textOf(page: string): string {
  return page
    .replace(/<style>.*<\/style>/s, "")
    .replace(/<[^>]+>/g, " ")
    .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
    .replace(/\s+/g, " ")
}

describe("the report page", () => {
  it("shows the figures of the report", () => {
    const text = textOf(renderReport(report()))
    for (const figure of ["12,345 items", "4,000 samples", "3 shards", "12,200", "54,321"])
      expect(text).toContain(figure)
    for (const row of ["12,300 clear", "20 inconclusive", "14 review", "11 quarantine"]) expect(text).toContain(row)
    expect(text).toContain("13 — a type that cannot be screened yet")
    expect(text).toContain("25 known items are still in the source")
    expect(text).toContain("000000.tar")
    expect(text).toContain("nightlight purge s-000001 --basis")
    expect(text).toContain("0 of 25 at distance 0")
    expect(text).toContain("20 upright, 5 flipY")
  })

  it.each([
    ["unscreened", { screened: false, clean: undefined }, "Unscreened"],
    ["stopped", { state: "stopped" }, "Stopped for a person's review"],
    ["partial", { state: "partial", failed: [{ path: "9.tar", code: "disk_full" }] }, "9.tar could not be screened"],
    ["poison", { poison: [{ path: "8.tar", code: "shard_bomb" }] }, "8.tar is broken or hostile (shard_bomb)"],
    ["not separated", { custody: { mode: "seal", separated: false } }, "Custody is not separated"],
    ["flooded", { flooding: [{ list: "known", entry: 5 }] }, "Entry 5 of known matched more than 20"],
    [
      "of nothing",
      { decisions: { clear: 3, unscreened: 0, inconclusive: 0, review: 0, block: 0, quarantine: 0 } },
      "Nothing known was found",
    ],
  ] as const)("says so of a scan that is %s", (_, more, words) => {
    const { clean, ...rest } = more as Partial<ScanReport>
    const made = report(rest)
    if ("clean" in more && clean === undefined) delete (made as { clean?: unknown }).clean
    expect(textOf(renderReport(made))).toContain(words)
  })

  it("shows no text as markup, whatever the names of paths and lists", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1 }), hostile, (text, mark) => {
        const path = `${mark}${text}`
        // No code of ours, and a name that a record of the schema library does not take.
        fc.pre(path !== "__proto__")
        const page = renderReport(
          report({
            inPlace: { items: 1, test: 0, shards: [{ path, items: 1 }] },
            poison: [{ path, code: "shard_bomb" }],
            failed: [{ path, code: "disk_full" }],
            skipped: { [path]: 1 },
            transformations: { [path]: 1 },
            causes: { [path]: 1 },
          }),
        )
        const plain = renderReport(
          report({
            inPlace: { items: 1, test: 0, shards: [{ path: "p", items: 1 }] },
            poison: [{ path: "p", code: "shard_bomb" }],
            failed: [{ path: "p", code: "disk_full" }],
            skipped: { p: 1 },
            transformations: { p: 1 },
            causes: { p: 1 },
          }),
        )
        const tags = (of: string) => of.match(/<[a-z/!][^\s>]*/gi)
        expect(tags(page)).toEqual(tags(plain))
        expect(page).not.toMatch(CONTROLS)
      }),
    )
  })

  it("escapes text once, and not its own markup", () => {
    expect(escapeHtml(`<a href="x">&'`)).toBe("&#60;a href=&#34;x&#34;&#62;&#38;&#39;")
    expect(html`<p title="${'"'}">${html`<b>${"<"}</b>`}${undefined}${[html`1`, html`2`]}</p>`.markup).toBe(
      '<p title="&#34;"><b>&#60;</b>12</p>',
    )
  })
})

const hostile = fc.constantFrom(
  "",
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "</style><svg onload=alert(1)>",
  "\u001b[2J\u202e",
  "&lt;",
  "]]>",
)

describe("the rate over time", () => {
  const span = fc.record({
    start: fc.integer({ min: 0, max: 1_000_000 }),
    seconds: fc.double({ min: 0, max: 1_000, noNaN: true }),
    items: fc.nat(10_000),
  })

  it("adds up to the screened items, without the gaps between runs", () => {
    fc.assert(
      fc.property(fc.array(span, { minLength: 1, maxLength: 12 }), (spans) => {
        const timeline = spans.map(({ start, seconds, items }) => ({
          finishedAt: new Date(Date.UTC(2026, 0, 1) + start * 1_000 + Math.round(seconds * 1_000)).toISOString(),
          seconds,
          items,
        }))
        const points = rateOverTime(timeline)
        const total = points.length === 0 ? 0 : (points[0]?.x ?? 0) * 2 * points.length
        const longest = Math.max(...spans.map(({ seconds }) => seconds))
        const sum = spans.reduce((all, { seconds }) => all + seconds, 0)
        expect(points.every(({ y }) => y >= 0 && Number.isFinite(y))).toBe(true)
        expect(total).toBeLessThanOrEqual(sum + 0.1)
        if (points.length > 0) expect(total).toBeGreaterThanOrEqual(longest - 0.1)
      }),
    )
  })

  it("is empty where nothing took time", () => {
    expect(rateOverTime([])).toEqual([])
    expect(rateOverTime([{ finishedAt: "2026-01-01T00:00:00.000Z", seconds: 0, items: 5 }])).toEqual([])
  })
})
