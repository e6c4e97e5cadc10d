import { chmodSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import type { Finding } from "@nightlight/contract"
import { runCommand } from "@nightlight/dev-env/command/run-command"
import { xsdErrors } from "@nightlight/dev-env/cybertipline/xsd"
import { LISTED, mixedDataset, writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { changedJpeg, digestRecord, listOf } from "@nightlight/dev-env/dataset/pictures"
import { filesBelow, plainTar, zip } from "@nightlight/dev-env/dataset/shards"
import { importRecords, scan, type TestWorkspace, testWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { Ajv } from "ajv"
import addFormats from "ajv-formats"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { listFindings } from "../src/findings/list-findings.ts"
import { toJunit } from "../src/findings/to-junit.ts"
import { toSarif } from "../src/findings/to-sarif.ts"
import { nightlight } from "./support/in-process.ts"
import { findingsOf } from "./support/scans.ts"
import { KNOWN, requestOf } from "./support/text-dataset.ts"

const CANARY = "canary-name"
const FILM = Buffer.from("\0\0\0\x18ftypisom\0\0\x02\0isomiso2", "latin1")

const text = (name: string, use = "optional") => `<xs:attribute name="${name}" type="xs:string" use="${use}"/>`
const required = (name: string) => text(name, "required")
const outcome = (name: string) =>
  `<xs:element name="${name}"><xs:complexType mixed="true">${text("type")}${text("message")}</xs:complexType></xs:element>`

/** What `junit-10.xsd` of the Jenkins xUnit plugin allows of the elements that are used. */
const JENKINS_XSD = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:simpleType name="seconds"><xs:restriction base="xs:string"><xs:pattern value="[0-9]*(\\.[0-9]*)?"/></xs:restriction></xs:simpleType>
<xs:element name="testsuites"><xs:complexType><xs:sequence>
<xs:element name="testsuite" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
<xs:element name="testcase" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:choice minOccurs="0" maxOccurs="unbounded">
${["skipped", "error", "failure"].map(outcome).join("\n")}
<xs:element name="system-out" type="xs:string"/>
</xs:choice>${required("name")}${text("time")}${text("classname")}</xs:complexType></xs:element>
</xs:sequence>${["name", "tests", "failures", "errors"].map(required).join("")}${text("skipped")}${text("timestamp")}
<xs:attribute name="time" type="seconds"/></xs:complexType></xs:element>
</xs:sequence></xs:complexType></xs:element>
</xs:schema>`

/** A dataset with a match by digest and one by PDQ, an unscreenable film, nested and loose ones, and a broken shard. */
async function scanned(): Promise<TestWorkspace> {
  const test = await testWorkspace()
  writeFiles(test.pathOf("data"), {
    "deep/000000.tar": plainTar({
      "a.txt": "words",
      [`${CANARY}-tar.txt`]: KNOWN,
      [`${CANARY}-film.mp4`]: FILM,
      [`${CANARY}-near.jpg`]: await changedJpeg(LISTED.tar, "re-encoded"),
      [`${CANARY}-nested.zip`]: await zip([{ name: `${CANARY}-deep.txt`, content: KNOWN }]),
    }),
    "loose/a.txt": "words",
    [`loose/${CANARY}-loose.txt`]: KNOWN,
    [`loose/${CANARY}.npz`]: await zip([
      { name: "first.txt", content: "words" },
      { name: `${CANARY}-inner.txt`, content: KNOWN },
    ]),
    'z<&">.tar': "no tar at all",
  })
  await importRecords(test.workspace, [...(await listOf(LISTED.tar)), digestRecord(Buffer.from(KNOWN), "sha256")])
  await scan(test.workspace, requestOf(test))
  return test
}

const onTerminal = (test: TestWorkspace, ...args: readonly string[]) =>
  runCommand(["--workspace", test.root, ...args], { isOutputTty: true })

/** Id of the finding of a shard at an ordinal. */
function idOf(test: TestWorkspace, shard: RegExp, ordinal: number): string {
  const { findings } = listFindings(test.workspace, {})
  const found = findings.find((finding) => shard.test(finding.shard) && finding.ordinal === ordinal)
  return found?.id ?? ""
}

describe("the list of findings", () => {
  it("names id, shard, place, decision, cause, list and distance, and no item", async () => {
    using test = await scanned()
    const ran = await nightlight(test.root, "findings")
    expect(ran.exit).toBe(0)
    expect(ran.out).toMatch(/^Finding +Shard +Item +Sample +Decision +Why\n/)
    expect(ran.out).toMatch(/^[0-9a-f]{16} {2}deep\/000000\.tar +1 +1 {2}quarantine +known: sha256$/m)
    expect(ran.out).toMatch(/^[0-9a-f]{16} {2}deep\/000000\.tar +2 +2 {2}inconclusive +media_unsupported$/m)
    expect(ran.out).toMatch(/^[0-9a-f]{16} {2}deep\/000000\.tar +3 +3 {2}review +known: pdq, \d+ bits$/m)
    expect(ran.out).toMatch(/^[0-9a-f]{16} {2}files-[0-9a-f]{12} +\d +\d {2}quarantine +known: sha256$/m)
    expect(ran.out).not.toContain(CANARY)
    const [first = ""] = ran.out.split("\n").slice(1)
    const explained = await nightlight(test.root, "policy", "explain", first.slice(0, 16))
    expect(explained).toMatchObject({ exit: 0 })
    expect(explained.out).toContain("Decision:")
  })

  it("is one JSON object, and takes filters that may be repeated and joined", async () => {
    using test = await scanned()
    const idsOf = async (...args: readonly string[]) => {
      const ran = await nightlight(test.root, "findings", ...args, "--json")
      expect(ran).toMatchObject({ exit: 0 })
      return JSON.parse(ran.out).findings.map(({ id }: { readonly id: string }) => id)
    }
    const all = await idsOf()
    expect(all).toEqual(
      findingsOf(test.workspace)
        .map(({ id }) => id)
        .toSorted((a, b) => all.indexOf(a) - all.indexOf(b)),
    )
    expect(await idsOf("s-000001")).toEqual(all)
    expect(await idsOf("--decision", "review")).toHaveLength(1)
    const found = findingsOf(test.workspace)
    const count = (of: (finding: Finding) => boolean) => found.filter(of).length
    expect(await idsOf("--decision", "review", "--decision", "inconclusive")).toHaveLength(
      count(({ decision }) => decision !== "quarantine"),
    )
    expect(await idsOf("--shard", "deep/**")).toHaveLength(4)
    expect(await idsOf("--shard", "deep/**", "--decision", "quarantine")).toHaveLength(2)
    expect(await idsOf("--cause", "media_unsupported")).toHaveLength(1)
    expect(await idsOf("--list", "known")).toHaveLength(count(({ matches }) => matches.length > 0))
    expect(await idsOf("--list", "other")).toEqual([])
  })

  it("is refused for a scan that is not there, before any scan, and for a decision that is none", async () => {
    using test = await testWorkspace()
    expect((await nightlight(test.root, "findings")).err).toContain("nothing was scanned yet (not_found)")
    expect(await nightlight(test.root, "findings", "s-000009")).toMatchObject({ exit: 2 })
    expect(await nightlight(test.root, "findings", "--decision", "clear")).toMatchObject({ exit: 2 })
  })

  it("is refused for a cause that there is not, and names those there are", async () => {
    using test = await scanned()
    const ran = await nightlight(test.root, "findings", "--cause", "media_unsuported")
    expect(ran).toMatchObject({ exit: 2, out: "" })
    expect(ran.err).toContain("there is no cause media_unsuported (input_invalid)")
    expect(ran.err).toMatch(/Causes: media_unsupported, .*archive_malformed/)
    expect(await nightlight(test.root, "findings", "--cause", "polyglot")).toMatchObject({
      exit: 0,
      out: "s-000001: no findings.\n",
    })
  })
})

describe("a finding's item", () => {
  it.each([
    ["in a tar", /tar$/, 1, "deep/000000.tar", `${CANARY}-tar.txt`],
    ["that could not be screened", /tar$/, 2, "deep/000000.tar", `${CANARY}-film.mp4`],
    ["in a folder", /^files-/, 1, `loose/${CANARY}-loose.txt`, undefined],
    ["in an archive in a tar", /tar$/, 5, "deep/000000.tar", `${CANARY}-nested.zip!/${CANARY}-deep.txt`],
    ["in an archive in a folder", /^files-/, 4, `loose/${CANARY}.npz`, `${CANARY}-inner.txt`],
  ])(
    "%s is named on a terminal, in locate custody, and the log records it",
    async (_, shard, ordinal, file, member) => {
      using test = await scanned()
      const id = idOf(test, shard, ordinal)
      const ran = await onTerminal(test, "findings", "locate", id.slice(0, 16))
      expect(ran).toMatchObject({ exit: 0, err: "" })
      expect(ran.out).toContain(`File      ${test.pathOf("data", file)}\n`)
      if (member === undefined) expect(ran.out).not.toContain("Member")
      else expect(ran.out).toContain(`Member    ${member}\n`)
      expect(ran.out).toContain("its content is what was found")
      const log = filesBelow(test.workspace.layout.audit)["000000000001.ndjson"]?.toString() ?? ""
      expect(log).toContain(`"finding.located"`)
      expect(log).toContain(id)
      for (const [path, content] of Object.entries(filesBelow(test.root))) {
        expect({ path, at: content.indexOf(CANARY) }).toEqual({ path, at: -1 })
      }
    },
  )

  it("is not named to a file or a pipe, and nothing is recorded", async () => {
    using test = await scanned()
    const before = filesBelow(test.workspace.layout.audit)
    for (const args of [
      ["findings", "locate", idOf(test, /tar$/, 1)],
      ["findings", "skipped"],
    ]) {
      const ran = await nightlight(test.root, ...args)
      expect(ran).toMatchObject({ exit: 2, out: "" })
      expect(ran.err).toContain("names are printed on a terminal alone")
    }
    expect(filesBelow(test.workspace.layout.audit)).toEqual(before)
  })

  it("is found by its content when it stands in another place by now", async () => {
    using test = await scanned()
    const [packed, loose] = [idOf(test, /tar$/, 1), idOf(test, /^files-/, 1)]
    writeFiles(test.pathOf("data"), { "deep/000000.tar": plainTar({ "new.txt": "new", "renamed.txt": KNOWN }) })
    renameSync(test.pathOf("data", "loose", `${CANARY}-loose.txt`), test.pathOf("data", "loose", "b.txt"))
    const located = await onTerminal(test, "findings", "locate", packed)
    expect(located.out).toContain("Member    renamed.txt\n")
    const moved = await onTerminal(test, "findings", "locate", loose)
    expect(moved.out).toContain("loose/")
    expect(moved.out).toContain("stands in another place now")
  })

  it.each([
    ["its shard is gone", (path: string) => rmSync(path)],
    ["its shard holds something else", (path: string) => writeFileSync(path, plainTar({ "b.txt": "other" }))],
    ["its shard is broken by now", (path: string) => writeFileSync(path, "no tar")],
  ])("is said to be gone when %s", async (_, change) => {
    using test = await scanned()
    const id = idOf(test, /tar$/, 1)
    change(test.pathOf("data", "deep", "000000.tar"))
    const ran = await onTerminal(test, "findings", "locate", id)
    expect(ran).toMatchObject({ exit: 2, out: "" })
    expect(ran.err).toContain("the item is not there any more")
    expect(ran.err).not.toContain(CANARY)
  })

  it("is found by at least eight digits of its id, and no other text", async () => {
    using test = await scanned()
    for (const id of ["0123", "ffffffffffff", "../../etc"]) {
      expect(await onTerminal(test, "findings", "locate", id)).toMatchObject({ exit: 2, out: "" })
    }
  })
})

describe("files that a scan did not read", () => {
  it.skipIf(process.getuid?.() === 0)("are named on a terminal with the reason", async () => {
    using test = await testWorkspace()
    writeFiles(test.pathOf("data"), { "a.txt": "words", [`${CANARY}.txt`]: "words" })
    chmodSync(test.pathOf("data", `${CANARY}.txt`), 0)
    await importRecords(test.workspace, [digestRecord(Buffer.from(KNOWN), "sha256")])
    await scan(test.workspace, requestOf(test))
    const ran = await onTerminal(test, "findings", "skipped")
    expect(ran.out).toContain(`unreadable  ${test.pathOf("data", `${CANARY}.txt`)}\n`)
  })

  it("are links and excluded paths too; what was missing of a brace list is named as it was typed", async () => {
    using test = await scanned()
    writeFiles(test.pathOf("more"), { "0.tar": plainTar({ "a.txt": "a" }), "2.tar": plainTar({ "a.txt": "b" }) })
    await scan(test.workspace, { inputs: [test.pathOf("more", "{0..2}.tar")], exclude: ["2.tar"] })
    const ran = await onTerminal(test, "findings", "skipped", "s-000002")
    expect(ran).toMatchObject({ exit: 0 })
    expect(ran.out).toContain(`excluded  ${test.pathOf("more", "2.tar")}\n`)
    expect(ran.out).toContain(`missing   ${test.pathOf("more", "1.tar")}\n`)
    expect((await onTerminal(test, "findings", "skipped", "s-000001")).out).toContain(
      "Every file of the source can be read",
    )
  })
})

describe("findings as SARIF", () => {
  it("fit the schema of SARIF 2.1.0, with one result each and no item's name", async () => {
    using test = await scanned()
    const ran = await nightlight(test.root, "findings", "--format", "sarif")
    expect(ran.exit).toBe(0)
    expect(ran.out).not.toContain(CANARY)
    const log = JSON.parse(ran.out)
    const schema = fileURLToPath(new URL("support/sarif-2.1.0.json", import.meta.url))
    const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false })
    addFormats.default(ajv)
    const isValid = ajv.compile(JSON.parse(readFileSync(schema, "utf8")))
    isValid(log)
    expect(isValid.errors).toBeNull()
    const { results, invocations } = log.runs[0]
    expect(results.map(({ partialFingerprints: prints }: never) => Object.values(prints)[0]).sort()).toEqual(
      findingsOf(test.workspace)
        .map(({ id }) => id)
        .sort(),
    )
    const levels = (results as { level: string; properties: { decision: string } }[]).map(
      ({ level, properties }) => `${level} ${properties.decision}`,
    )
    expect(new Set(levels)).toEqual(new Set(["error quarantine", "note inconclusive", "warning review"]))
    expect(invocations[0]).toMatchObject({
      executionSuccessful: true,
      toolExecutionNotifications: [{ descriptor: { id: "shard_malformed" } }],
    })
    // The checker refuses what does not fit.
    expect(isValid({ ...log, version: "9" })).toBe(false)
  })

  it("are a log without results where nothing was found", async () => {
    using test = await testWorkspace()
    writeFiles(test.pathOf("data"), { "a.txt": "words" })
    await scan(test.workspace, { inputs: [test.pathOf("data")] })
    expect(toSarif(listFindings(test.workspace, {}))).toMatchObject({ runs: [{ results: [] }] })
  })
})

describe("findings as JUnit", () => {
  it("are one test case for each shard: failed, an error, or passed, with no item's name", async () => {
    using test = await scanned()
    await mixedDataset(test.pathOf("data", "more"))
    writeFiles(test.pathOf("data"), {
      "films.tar": plainTar({ "a.mp4": FILM }),
      "clear.tar": plainTar({ "a.txt": "clear" }),
    })
    await scan(test.workspace, requestOf(test))
    const ran = await nightlight(test.root, "findings", "--format", "junit")
    expect(ran.exit).toBe(0)
    expect(ran.out).not.toContain(CANARY)
    const { receipts } = listFindings(test.workspace, {})
    expect(ran.out.match(/<testcase /g)).toHaveLength(receipts.length)
    expect(ran.out).toContain(`tests="${receipts.length}"`)
    expect(ran.out).toMatch(
      /<testcase name="deep\/000000\.tar" classname="nightlight\.tar" time="[\d.]+"><failure type="match" message="2 quarantine, 1 review">[0-9a-f]{16} item 1 of sample 1: quarantine\n/,
    )
    expect(ran.out).toMatch(/<testcase name="z&#60;&#38;&#34;&#62;\.tar"[^>]*><error type="shard_malformed"/)
    expect(ran.out).toMatch(/<testcase name="films\.tar"[^>]*><skipped message="1 of 1 items could not be screened"\/>/)
    expect(ran.out).toMatch(/<testcase name="clear\.tar"[^>]*\/>/)
    expect(ran.out).toMatch(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites>\n<testsuite /)
  })

  it("name some ids of a shard, and count the others", () => {
    const finding = { id: "ab".repeat(32), shard: "s.tar", ordinal: 1, sample: 0, decision: "quarantine" }
    const receipt = { shard: { path: "s.tar", kind: "tar" }, items: 99, decisions: { inconclusive: 0 } }
    const times = { startedAt: "2026-01-01T00:00:00.000Z", finishedAt: "2026-01-01T00:00:02.000Z" }
    const findings = Array.from({ length: 25 }, () => finding)
    const record = { scan: "s-000001", startedAt: times.startedAt }
    const xml = toJunit({ record, receipts: [{ ...receipt, ...times }], findings } as never)
    expect(xml.match(/item 1 of sample 0/g)).toHaveLength(20)
    expect(xml).toContain("and 5 more: nightlight findings")
  })

  it("name what matched in a shard that was set aside half read", async () => {
    using test = await testWorkspace()
    const tar = plainTar({ "a.txt": KNOWN, "b.txt": "words ".repeat(1_000) })
    writeFiles(test.pathOf("data"), { "cut.tar": tar.subarray(0, 3_000) })
    await importRecords(test.workspace, [digestRecord(Buffer.from(KNOWN), "sha256")])
    await scan(test.workspace, requestOf(test))
    expect(toJunit(listFindings(test.workspace, {}))).toMatch(
      /<error type="shard_malformed" message="set aside: shard_malformed, 1 quarantine">[0-9a-f]{16} item 0 of sample 0/,
    )
  })

  it("are well-formed and use the elements and attributes of the Jenkins schema alone, for any paths and counts", async () => {
    const path = fc.string({
      unit: fc.constantFrom("a", "/", "<", "&", '"', "]]>", "\n", "\0", "\ufffe", "\ud800", "é"),
    })
    const shard = fc.record({
      path,
      decision: fc.constantFrom("quarantine", "review", "inconclusive"),
      findings: fc.nat(3),
      inconclusive: fc.nat(2),
      poison: fc.constantFrom(undefined, "shard_malformed"),
    })
    const times = { startedAt: "2026-01-01T00:00:00.000Z", finishedAt: "2026-01-01T01:00:02.003Z" }
    const documents = fc
      .sample(fc.tuple(fc.array(shard, { maxLength: 5 }), fc.array(path)), 200)
      .map(([shards, failed]) =>
        toJunit({
          record: { scan: "s-000001", startedAt: times.startedAt },
          receipts: shards.map((one) => ({
            ...times,
            shard: { path: one.path, kind: "tar" },
            items: 2,
            decisions: { inconclusive: one.inconclusive },
            poison: one.poison,
          })),
          report: { failed: failed.map((name) => ({ path: name, code: "source_unreadable" })) },
          findings: shards.flatMap((one) =>
            Array.from({ length: one.findings }, () => ({
              id: "ab".repeat(32),
              shard: one.path,
              decision: one.decision,
            })),
          ),
        } as never),
      )
    expect(await xsdErrors(documents, JENKINS_XSD)).toEqual([])
    expect(await xsdErrors(["<testsuites><testsuite name='x'/></testsuites>"], JENKINS_XSD)).not.toEqual([])
  })
})
