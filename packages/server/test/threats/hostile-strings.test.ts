import { type FileDetailsInput, writeFileDetails, writeReport, writeXsd } from "@nightlight/cybertipline"
import { hasPublishedXsd, publishedXsd, xsdErrors } from "@nightlight/dev-env/cybertipline/xsd"
import { describe, expect, it } from "vitest"
import { problemsOf } from "../../src/filing/reports/content/problems.ts"
import { locationOf, textIn } from "../../src/filing/reports/draft/context.ts"
import { draftReport } from "../../src/filing/reports/draft/draft.ts"
import { matchOf } from "../../src/filing/reports/draft/matched.ts"
import type { DraftMaterial } from "../../src/filing/reports/draft/material.ts"
import { toManualFilingSheet } from "../../src/filing/reports/manual/manual-filing-sheet.ts"
import type { ReportContent, ReportId } from "../../src/filing/reports/types.ts"
import { aMatch } from "../casework/cases/builders.ts"

const HOSTILE: readonly [string, string][] = [
  ["NUL", "a\u0000b"],
  ["U+FFFE", "a\ufffeb"],
  ["a lone surrogate", "a\ud800b"],
  ["CRLF", "a\r\nX-Injected: 1\r\n\r\nb"],
  ["a formula", "=cmd|' /C calc'!A0"],
  ["ANSI", "\u001b[2J\u001b]0;owned\u0007"],
  ["a script", "<script>alert(1)</script>"],
  ["the end of CDATA", "]]><x/>"],
  ["a doctype", '<!DOCTYPE x SYSTEM "file:///etc/passwd">&x;'],
  ["backticks and markup", "``` ![x](http://127.0.0.1/x) `` [y](javascript:1)"],
  ["text that turns around", "\u202egnp.exe\u2066"],
]

/** Ids that the CyberTipline gives later. */
const IDS = { reportId: "1", fileId: "0".repeat(32) }
const NOW = new Date("2026-03-01T12:00:00Z")

/** An item in which every text of the sender is this one, in a report about a dataset or about a text. */
function reportOf(text: string, origin: "dataset" | "account"): ReportContent {
  const found = { sourceUrl: `https://pictures.example/${text}`, dataset: text, shard: text, key: text, licence: text }
  const material: DraftMaterial = {
    origin,
    basis: "18-usc-2252a",
    reportAnnotations: [],
    urgency: undefined,
    priorReports: [],
    account: { identifier: text, service: text, ipCaptures: [] },
    supplemental: false,
    now: NOW,
    reporter: {
      company: "Example Lab",
      termsUrl: undefined,
      legalUrl: undefined,
      contact: { firstName: "Trust", lastName: "Desk", email: "safety@example.org", phone: undefined },
    },
    items: [
      {
        itemId: "item-1",
        evidence: { evidenceId: "evidence-1", ciphertextSha256: "a".repeat(64) },
        hasContent: true,
        foundAt: "2026-02-28T10:00:00.000Z",
        digests: { sha256: "2".repeat(64) },
        match: matchOf([aMatch()]),
        digestsVerified: true,
        classification: "A2",
        annotations: [],
        viewed: undefined,
        locations: [locationOf(found), locationOf({ ...found, sourceUrl: text })],
        text: origin === "account" ? textIn({ text }) : undefined,
      },
    ],
  }
  return draftReport(material)
}

describe.each(HOSTILE)("%s in names, URLs, account and text", (_, text) => {
  it.each(["dataset", "account"] as const)("makes a report that the CyberTipline takes (%s)", async (origin) => {
    const content = reportOf(text, origin)
    expect(problemsOf(content, NOW)).toEqual([])
    const xml = [
      writeReport(content.document).xml,
      ...content.files.map(({ details }) => writeFileDetails({ ...details, ...IDS } as FileDetailsInput).xml),
    ]
    expect(xml).toHaveLength(2)
    expect(await xsdErrors(xml, writeXsd())).toEqual([])
    if (hasPublishedXsd) expect(await xsdErrors(xml, publishedXsd())).toEqual([])
    for (const written of xml) expect(written).not.toMatch(/<script|<!DOCTYPE|<x\/>/)
  })

  it("is inert in the sheet for filing manually: one line of code, and nothing that a terminal obeys", () => {
    const sheet = toManualFilingSheet("report-1" as ReportId, reportOf(text, "account"))
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
    expect(sheet).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufffe\ud800-\udfff]/)
    const line = sheet.split("\n").find((candidate) => candidate.includes("espIdentifier")) ?? ""
    const [fence = ""] = /`+/.exec(line) ?? []
    expect(line.endsWith(` ${fence}`)).toBe(true)
    expect(line.split(fence).length).toBeGreaterThanOrEqual(3)
    const inner = line.slice(line.indexOf(fence) + fence.length, -fence.length)
    expect([...inner.matchAll(/`+/g)].every(([run]) => run.length < fence.length)).toBe(true)
  })
})
