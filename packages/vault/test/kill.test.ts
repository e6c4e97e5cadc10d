import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { MINUTE_MS } from "@nightlight/core"
import { describe, expect, it } from "vitest"
import { readAuditEvents, readCheckpoints, verifyAuditLog } from "../src/audit.ts"
import {
  createDigestKey,
  generateIdentity,
  openEvidenceStore,
  openKeyedDigest,
  publicKeyPath,
  recipientOf,
  verifyEvidence,
  writeManifest,
} from "../src/index.ts"
import { type ChildEnd, runChild } from "./support/child.ts"
import { collect, entry, filesBelow, fixedClock, makeKeyring, makeSigningKey, tempDir } from "./support/workspace.ts"

const LONG = process.env["NIGHTLIGHT_LONG"] !== undefined
const MOMENTS = ["before", "middle", "after"] as const

interface Death {
  readonly killAt: number
  readonly killWhen: (typeof MOMENTS)[number]
}

/** Ways to die, in order: at every operation and moment, or at a random cross-section where time is short. */
function* deaths(stride: number): Generator<Death, never, void> {
  const offset = Math.floor(Math.random() * stride)
  for (let n = 0; ; n++) {
    const killAt = LONG ? 1 + Math.floor(n / MOMENTS.length) : 1 + offset + n * stride
    yield { killAt, killWhen: MOMENTS[n % MOMENTS.length] ?? "before" }
  }
}

async function makeStore() {
  const dir = join(await tempDir(), "evidence")
  const keys = await tempDir()
  const signing = await makeSigningKey()
  const keyring = await makeKeyring()
  const manifest = await writeManifest(join(keys, "recipients.json"), keyring.manifest.recipients, {
    ...signing,
    clock: fixedClock,
  })
  await createDigestKey(join(keys, "digest.key"))
  const keyedDigest = await openKeyedDigest(join(keys, "digest.key"))
  const args = [dir, join(keys, "digest.key"), join(keys, "recipients.json"), publicKeyPath(signing.keyPath)]
  const log = join(keys, "changes.ndjson")
  let current = manifest
  let turn = 1
  return {
    dir,
    keyedDigest,
    turn: () => turn,
    /** Puts a new custodian's key in the place of the present one. */
    rotate: async () => {
      turn++
      const identity = await generateIdentity()
      const recipients = [
        ...current.recipients.map((known) =>
          known.role === "custodian" && known.revokedAt === undefined ? { ...known, revokedAt: known.addedAt } : known,
        ),
        entry(`custodian-${turn}`, await recipientOf(identity)),
      ]
      current = await writeManifest(join(keys, "recipients.json"), recipients, { ...signing, clock: fixedClock })
      return { identity }
    },
    rewrap: (death?: Death): Promise<ChildEnd> =>
      runChild("./rewrap-child.ts", { args: [...args, log], env: { TEST_IDENTITY: keyring.recovery }, ...death }),
    changes: async () =>
      (await readFile(log, "utf8").catch(() => ""))
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as { readonly after: string }),
    put: (first: number, count: number, how: Partial<Parameters<typeof runChild>[1]> = {}): Promise<ChildEnd> =>
      runChild("./put-child.ts", { args: [...args, String(first), String(count)], ...how }),
    open: () => openEvidenceStore(dir, { manifest: current, keyedDigest, clock: fixedClock }),
    verify: () => collect(verifyEvidence(dir, [keyring.recovery], { keyedDigest })),
  }
}

type Store = Awaited<ReturnType<typeof makeStore>>

/** After a kill: what was said to be kept is, everything there is whole, and nothing else is left lying about. */
async function expectRecovered({ dir, open, verify }: Store, said: readonly string[], death?: Death): Promise<void> {
  await open()
  const checks = await verify()
  expect(
    checks.filter((check) => !check.ok),
    JSON.stringify(death),
  ).toEqual([])
  expect(checks.map((check) => check.evidenceId)).toEqual(expect.arrayContaining([...said]))
  const names = [...(await filesBelow(dir)).keys()].filter((path) => !path.includes(".lock"))
  expect(names.filter((path) => !/item-\d+\.(age|json)$/.test(path))).toEqual([])
  expect(names).toHaveLength(checks.length * 2)
}

describe("a process killed by SIGKILL", { timeout: LONG ? 1_200_000 : 60_000 }, () => {
  it("leaves an evidence store that recovers, at whichever operation of a put", {
    timeout: 3 * MINUTE_MS,
  }, async () => {
    const store = await makeStore()
    await store.put(0, 1)
    let survivals = 0
    let n = 0
    // Until the put gets through: then its last operation was tried.
    for (const death of deaths(5)) {
      const end = await store.put(++n, 1, death)
      expect(end, JSON.stringify(death)).toMatchObject({ complaint: "" })
      if (!end.killed && ++survivals === (LONG ? MOMENTS.length : 1)) break
      await expectRecovered(store, end.lines, death)
    }
    expect(n).toBeGreaterThan(5)
  })

  it("leaves an evidence store that recovers, at a moment of its own choosing", {
    timeout: 3 * MINUTE_MS,
  }, async () => {
    const store = await makeStore()
    const said = new Set<string>()
    for (let n = 0; n < (LONG ? 40 : 2); n++) {
      const end = await store.put(0, 40, {
        onLine: (line, kill) => {
          if (line === `item-${(n * 7) % 30}`) setTimeout(kill, Math.random() * 8)
        },
      })
      expect(end.complaint).toBe("")
      for (const id of end.lines) said.add(id)
      await expectRecovered(store, [...said])
    }
    expect((await store.put(0, 40)).code).toBe(0)
    expect(await store.verify()).toHaveLength(40)
  })

  it("leaves evidence that opens, whichever operation of a rewrapping it dies at, and the next one finishes it", {
    timeout: 3 * MINUTE_MS,
  }, async () => {
    const store = await makeStore()
    await store.put(0, 2)
    let survivals = 0
    let n = 0
    for (const death of deaths(7)) {
      const { identity } = await store.rotate()
      const end = await store.rewrap(death)
      expect(end, JSON.stringify(death)).toMatchObject({ complaint: "" })
      const rows = (await store.changes()).map(({ after }) => after)
      await expectRecovered(store, ["item-0", "item-1"], death)
      if (end.killed) expect((await store.rewrap()).code).toBe(0)
      for await (const listing of (await store.open()).list()) {
        expect(listing).toMatchObject({
          ok: true,
          row: { recipients: expect.arrayContaining([`custodian-${store.turn()}`]) },
        })
        if (listing.ok && !end.killed) expect(rows).toContain(listing.row.ciphertextSha256)
      }
      expect(
        (await collect(verifyEvidence(store.dir, [identity], { keyedDigest: store.keyedDigest }))).every(
          ({ ok }) => ok,
        ),
      ).toBe(true)
      n++
      if (!end.killed && ++survivals === (LONG ? MOMENTS.length : 1)) break
    }
    expect(n).toBeGreaterThan(2)
  })

  it("leaves an audit log that says what was torn, at whichever operation of an append", {
    timeout: 3 * MINUTE_MS,
  }, async () => {
    const { verifier, keyPath } = await makeSigningKey()
    const dir = join(await tempDir(), "audit")
    const copy = join(await tempDir(), "copy.ndjson")
    const args = [dir, keyPath, copy, "child", "3"]
    let survivals = 0
    let said = 0
    let n = 0
    for (const death of deaths(9)) {
      n++
      const end = await runChild("./append-child.ts", { args, ...death })
      expect(end, JSON.stringify(death)).toMatchObject({ complaint: "" })
      if (!end.killed && ++survivals === (LONG ? MOMENTS.length : 1)) break
      said = Math.max(said, ...end.lines.map(Number))
      const seqs = (await collect(readAuditEvents(dir))).map((event) => event.seq)
      expect(seqs.length, JSON.stringify(death)).toBeGreaterThanOrEqual(said)
    }
    expect(n).toBeGreaterThan(5)
    const { checkpoints } = await readCheckpoints(copy, verifier)
    const verified = await verifyAuditLog(dir, verifier, { checkpoints })
    expect(verified).toMatchObject({ ok: true })
    expect(verified.presentThroughSeq).toBe(verified.events)
  })

  it("does not keep others waiting for its lock, however many append at once", async () => {
    const { verifier, keyPath } = await makeSigningKey()
    const dir = join(await tempDir(), "audit")
    const copy = join(await tempDir(), "copy.ndjson")
    const run = (name: string, dies: boolean): Promise<ChildEnd> =>
      runChild("./append-child.ts", {
        args: [dir, keyPath, copy, name, "25"],
        onLine: (_, kill) => {
          if (dies && Math.random() < 0.15) kill()
        },
      })
    const ends = await Promise.all([run("one", false), run("two", true), run("three", false)])
    expect([ends[0], ends[2]]).toMatchObject(Array(2).fill({ code: 0, complaint: "" }))
    const said = ends.flatMap((end) => end.lines)
    expect(new Set(said).size).toBe(said.length)
    const { checkpoints } = await readCheckpoints(copy, verifier)
    const verified = await verifyAuditLog(dir, verifier, { checkpoints })
    expect(verified).toMatchObject({ ok: true })
    expect(verified.events).toBeGreaterThanOrEqual(said.length)
  })
})
