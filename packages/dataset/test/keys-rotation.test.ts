import { execFileSync } from "node:child_process"
import { cpSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { filesBelow, noSignal, temporaryFolder } from "@nightlight/dev-env/dataset/shards"
import { scan, type TestWorkspace, testWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { IS_LONG, KILLS_LIMIT_MS, killAtEveryStep } from "@nightlight/dev-env/machine/kill-at-every-step"
import { holdLock } from "@nightlight/durable"
import { testCardPng } from "@nightlight/screening"
import {
  activeRecipients,
  generateIdentity,
  headersFor,
  openEvidence,
  protectIdentity,
  recipientOf,
  recipientsDigest,
  writeManifest,
} from "@nightlight/vault"
import { readAuditEvents } from "@nightlight/vault/audit"
import { expect, it } from "vitest"
import { addCustodianIdentity, initCustodian, readConfig } from "../../custodian/src/index.ts"
import { drillKeys, verifyEvidence } from "../src/evidence/check.ts"
import { unlockIdentities } from "../src/evidence/identities.ts"
import { acceptedHeaders, writeAccepted } from "../src/keys/accepted-recipients.ts"
import { rewrapEvidence } from "../src/keys/rewrap-evidence.ts"
import { type NewRecipient, rotateRecipient } from "../src/keys/rotate-recipient.ts"
import { keysStatus } from "../src/keys/status.ts"
import { initWorkspace } from "../src/workspace/init.ts"
import { openWorkspace } from "../src/workspace/open.ts"
import type { Workspace } from "../src/workspace/workspace.ts"
import { runScript } from "./support/run-command.ts"

const KILLED = new URL("support/kill-command.ts", import.meta.url).pathname

async function sealTwo(test: TestWorkspace): Promise<void> {
  writeFiles(test.pathOf("data"), { "one.png": testCardPng(0), "two.png": testCardPng(1) })
  await scan(test.workspace, { inputs: [test.pathOf("data")], demo: true })
}

/** A workspace in a folder, whose keys were made with it. */
async function newWorkspace(folder: string) {
  const root = join(folder, "workspace")
  const passphrase = "a passphrase of a test"
  await initWorkspace(root, { custody: "locate", basis: null, custodians: [], passphrase, workFactor: 10 })
  return { root, passphrase, workspace: await openWorkspace(root) }
}

async function newKey() {
  const identity = await generateIdentity()
  return { identity, recipient: await recipientOf(identity) }
}

const workspaceRecovery = ({ manifest }: Workspace): string =>
  manifest.recipients.find(({ role }) => role === "recovery")?.recipient ?? ""

const rewrap = (workspace: Workspace, identities: readonly string[]) =>
  rewrapEvidence(
    workspace,
    ({ manifest }) =>
      headersFor(
        identities,
        activeRecipients(manifest).map(({ recipient }) => recipient),
      ),
    { signal: noSignal },
  )

it("a rotation seals to the new key, a rewrapping brings the rest under it, and everything verifies with it alone", async () => {
  using test = await testWorkspace()
  await sealTwo(test)
  const { identity, recipient } = await newKey()
  const rotated = await rotateRecipient(test.workspace, { role: "custodian", recipient })
  expect(rotated).toMatchObject({ id: "custodian-2", replaces: ["custodian"], recipientsVersion: 2, resumed: false })
  const workspace = await openWorkspace(test.root)
  expect(await keysStatus(workspace)).toMatchObject({ current: 0, waiting: 2, late: 0 })

  expect(await rewrap(workspace, test.identities)).toMatchObject({ rewrapped: 2, current: 0, failed: [] })
  expect(await keysStatus(workspace)).toMatchObject({
    current: 2,
    waiting: 0,
    recipients: [
      { id: "custodian", opens: 0 },
      { id: "recovery", opens: 2 },
      { id: "custodian-2", opens: 2 },
    ],
  })
  expect(await verifyEvidence(workspace, [identity], { signal: noSignal })).toMatchObject({ checked: 2, broken: [] })
  expect(await drillKeys(workspace, [identity, test.identities[1] ?? ""])).toMatchObject([
    { id: "recovery", ok: true, evidenceOpened: 2 },
    { id: "custodian-2", ok: true, evidenceOpened: 2 },
  ])
  const [id = ""] = Object.keys(filesBelow(workspace.layout.evidence)).flatMap(
    (name) => /([0-9a-f]{64})\.age$/.exec(name)?.[1] ?? [],
  )
  await expect(openEvidence(workspace.layout.evidence, id, test.identities.slice(0, 1))).rejects.toMatchObject({
    code: "key_unusable",
  })
  // A scan that is repeated finds its evidence kept, and says nothing that contradicts it.
  await scan(workspace, { inputs: [test.pathOf("data")], demo: true })
  expect(await verifyEvidence(workspace, [identity], { signal: noSignal })).toMatchObject({ checked: 2, broken: [] })
})

it("the log reveals evidence from before a finished rewrapping that was restored with its row", async () => {
  using test = await testWorkspace()
  await sealTwo(test)
  const { recipient } = await newKey()
  await rotateRecipient(test.workspace, { role: "custodian", recipient })
  const { evidence } = test.workspace.layout
  cpSync(evidence, test.pathOf("before"), { recursive: true })
  await rewrap(test.workspace, test.identities)
  cpSync(test.pathOf("before"), evidence, { recursive: true, force: true })
  const { broken } = await verifyEvidence(await openWorkspace(test.root), test.identities, { signal: noSignal })
  expect(broken.map(({ code }) => code)).toEqual(["log_differs", "log_differs"])
})

it("a piece that no key opens or that was altered stays as it is, and the others are rewrapped", async () => {
  using test = await testWorkspace()
  await sealTwo(test)
  await rotateRecipient(test.workspace, { role: "custodian", recipient: (await newKey()).recipient })
  const { evidence } = test.workspace.layout
  const [first = ""] = Object.keys(filesBelow(evidence)).filter((name) => name.endsWith(".age"))
  const bytes = readFileSync(join(evidence, first))
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
  writeFileSync(join(evidence, first), bytes)
  const report = await rewrap(test.workspace, test.identities)
  expect(report).toMatchObject({ rewrapped: 1, failed: [{ code: "evidence_digest_mismatch" }] })
  expect(readFileSync(join(evidence, first)).equals(bytes)).toBe(true)
  const lost = await rewrap(test.workspace, [(await newKey()).identity])
  expect(lost).toMatchObject({ rewrapped: 0, current: 1, failed: [{ code: "key_unusable" }] })
})

it("a key made here has the passphrase of the others, and opens what is sealed from then on", async () => {
  using folder = temporaryFolder()
  const { root, passphrase, workspace } = await newWorkspace(folder.path)
  await expect(
    rotateRecipient(workspace, { role: "recovery", passphrase: "another passphrase", workFactor: 10 }),
  ).rejects.toMatchObject({ code: "passphrase_wrong" })
  const { identityFile } = await rotateRecipient(workspace, { role: "recovery", passphrase, workFactor: 10 })
  expect(identityFile).toBe(join(root, "keys", "recovery-2.age"))
  const fresh = await openWorkspace(root)
  const identities = await unlockIdentities(fresh, passphrase)
  expect(await drillKeys(fresh, identities)).toMatchObject([
    { id: "custodian", ok: true },
    { id: "recovery-2", ok: true },
  ])
})

it("an unreported rotation is reported by repeating the call, which makes no second key", async () => {
  using folder = temporaryFolder()
  const { passphrase, workspace } = await newWorkspace(folder.path)
  const request = { role: "custodian", passphrase, workFactor: 10 } as const
  const killed = rotateRecipient(workspace, {
    ...request,
    onRotated: () => {
      throw new Error("killed here")
    },
  })
  await expect(killed).rejects.toThrow("killed here")
  const again = await rotateRecipient(workspace, request)
  expect(again).toMatchObject({ id: "custodian-2", replaces: ["custodian"], recipientsVersion: 2, resumed: true })
  // Now somebody knows: whoever calls after that wants another one.
  expect(await rotateRecipient(workspace, request)).toMatchObject({ id: "custodian-3", resumed: false })
})

it("a rotation that was killed around an installation's custodian gives the custodian one new private half", async () => {
  using folder = temporaryFolder()
  const root = join(folder.path, "workspace")
  const passphrase = "a passphrase of a test"
  const answers = { custody: "locate", basis: null, custodians: [], passphrase, workFactor: 10 } as const
  const { layout } = await initWorkspace(root, answers)
  const dir = join(root, "custodian")
  await initCustodian(dir, {
    passphrase,
    evidence: layout.evidence,
    identityFile: layout.custodianIdentity,
    recipients: { manifest: layout.recipients, key: layout.signingPublic },
    workFactor: 10,
  })
  const killed = () => {
    throw new Error("killed here")
  }
  const add = ({ identityFile = "" }: { readonly identityFile?: string }) =>
    addCustodianIdentity(dir, identityFile, passphrase)
  const rotate = (over: object) =>
    openWorkspace(root).then((workspace) =>
      rotateRecipient(workspace, { role: "custodian", passphrase, workFactor: 10, beforeEntry: add, ...over }),
    )
  await expect(rotate({ beforeEntry: (entry: NewRecipient) => add(entry).then(killed) })).rejects.toThrow("killed here")
  await expect(rotate({ onRotated: killed })).rejects.toThrow("killed here")
  const result = await rotate({})
  expect(result).toMatchObject({ id: "custodian-2", recipientsVersion: 2, resumed: true })
  const { recipient, identities } = await readConfig(join(dir, "custodian.yaml"))
  expect(recipient).toBe(result.recipient)
  expect(identities).toHaveLength(2)
})

it("a rotation that was killed before its event is completed by a call for another key, which gets its own rotation", async () => {
  using test = await testWorkspace()
  const [first, second] = [await newKey(), await newKey()]
  const killed = rotateRecipient(
    {
      ...test.workspace,
      clock: {
        now: () => {
          const { version } = JSON.parse(readFileSync(test.workspace.layout.recipients, "utf8")) as { version: number }
          if (version > 1) throw new Error("killed here")
          return new Date()
        },
      },
    },
    { role: "custodian", recipient: first.recipient },
  )
  await expect(killed).rejects.toBeInstanceOf(Error)
  expect((await openWorkspace(test.root)).manifest.version).toBe(2)
  const result = await rotateRecipient(test.workspace, { role: "custodian", recipient: second.recipient })
  expect(result).toMatchObject({ recipient: second.recipient, replaces: ["custodian-2"], resumed: false })
  const events: unknown[] = []
  for await (const { type, data } of readAuditEvents(test.workspace.layout.audit)) {
    if (type === "keys.rotated") events.push(data["recipient"])
  }
  expect(events).toEqual(["custodian-2", "custodian-3"])
})

it("a key from elsewhere that entered by a rotation is reported again; one that was replaced is refused", async () => {
  using test = await testWorkspace()
  const [first, second] = [await newKey(), await newKey()]
  const rotate = ({ recipient }: { readonly recipient: string }) =>
    rotateRecipient(test.workspace, { role: "custodian", recipient })
  await rotate(first)
  await rotateRecipient(test.workspace, { role: "recovery", recipient: (await newKey()).recipient })
  expect(await rotate(first)).toMatchObject({ id: "custodian-2", replaces: ["custodian"], resumed: true })
  const elsewhere = rotateRecipient(test.workspace, { role: "recovery", recipient: first.recipient })
  await expect(elsewhere).rejects.toMatchObject({ code: "state_conflict" })
  await rotate(second)
  await expect(rotate(first)).rejects.toMatchObject({ code: "state_conflict" })
  expect((await openWorkspace(test.root)).manifest.version).toBe(4)
})

it("evidence is not rewrapped for a key that someone with write access put into the manifest", async () => {
  using folder = temporaryFolder()
  const { root, passphrase, workspace: before } = await newWorkspace(folder.path)
  const { layout } = before
  writeFiles(join(folder.path, "data"), { "one.png": testCardPng(0) })
  await scan(before, { inputs: [join(folder.path, "data")], demo: true })
  const identities = await unlockIdentities(before, passphrase)
  const attempt = async (accept?: string) =>
    rewrapEvidence(await openWorkspace(root), acceptedHeaders(identities, accept), { signal: noSignal })
  // The keys that were made here with the workspace were accepted with it.
  expect(await attempt()).toMatchObject({ rewrapped: 0, current: 1 })

  const [own, evil] = [before.manifest.recipients.map(({ recipient }) => recipient), await newKey()]
  const entry = { role: "recovery", local: false, addedAt: new Date().toISOString() } as const
  const forged = [...before.manifest.recipients, { id: "recovery-2", recipient: evil.recipient, ...entry }]
  await writeManifest(layout.recipients, forged, before)
  const accept = recipientsDigest([...own, evil.recipient])
  const refusal = {
    code: "state_conflict",
    message: expect.stringContaining(evil.recipient),
    details: { reason: "recipients-not-accepted", accept },
  }
  await expect(attempt()).rejects.toMatchObject(refusal)
  await expect(attempt(recipientsDigest(own))).rejects.toMatchObject(refusal)
  // Nobody without a private half writes the file of accepted recipients.
  const path = join(layout.keys, "recipients.accepted.json")
  const kept = readFileSync(path, "utf8")
  const { codes } = JSON.parse(kept) as { readonly codes: readonly string[] }
  const recipients = [...own, evil.recipient]
  for (const text of [
    kept.replace(JSON.stringify(own[1]), `${JSON.stringify(own[1])}, ${JSON.stringify(evil.recipient)}`),
    JSON.stringify({ format: "nightlight-accepted-recipients/1", recipients, codes }),
    JSON.stringify({ recipients, codes: [""] }),
    "null",
    "",
  ]) {
    writeFileSync(path, text)
    await expect(attempt()).rejects.toMatchObject(refusal)
  }
  await writeAccepted(layout, recipients, [evil.identity])
  await expect(attempt()).rejects.toMatchObject(refusal)
  await expect(verifyEvidence(await openWorkspace(root), [evil.identity], { signal: noSignal })).resolves.toMatchObject(
    { broken: [{ code: "not_openable" }] },
  )
  expect(await attempt(accept)).toMatchObject({ rewrapped: 1 })
  expect(await attempt()).toMatchObject({ rewrapped: 0, current: 1 })
})

it("a second rotation or rewrapping at the same time is refused and changes nothing", async () => {
  using test = await testWorkspace()
  const held = await holdLock(join(test.workspace.layout.keys, ".rotation"))
  const { recipient } = await newKey()
  try {
    const rotation = rotateRecipient(test.workspace, { role: "custodian", recipient })
    await expect(rotation).rejects.toMatchObject({
      code: "locked",
      message: expect.stringContaining("another command"),
    })
    await expect(rewrap(test.workspace, test.identities)).rejects.toMatchObject({ code: "locked" })
  } finally {
    await held.release()
  }
  expect((await openWorkspace(test.root)).manifest.version).toBe(1)
})

it("a key that was in the manifest from the beginning, or a private half, is refused", async () => {
  using test = await testWorkspace()
  const [old] = test.workspace.manifest.recipients
  const again = rotateRecipient(test.workspace, { role: "custodian", recipient: old?.recipient ?? "" })
  await expect(again).rejects.toMatchObject({ code: "state_conflict" })
  const secret = rotateRecipient(test.workspace, { role: "custodian", recipient: test.identities[0] ?? "" })
  await expect(secret).rejects.toMatchObject({ code: "key_malformed" })
})

it("a manifest that is older than the log says is refused before anything is sealed or rewrapped by it", async () => {
  using test = await testWorkspace()
  const { recipients: path } = test.workspace.layout
  const old = readFileSync(path)
  await rotateRecipient(test.workspace, { role: "custodian", recipient: (await newKey()).recipient })
  writeFileSync(path, old)
  await expect(rewrap(test.workspace, test.identities)).rejects.toMatchObject({ code: "manifest_untrusted" })
  const rotation = rotateRecipient(test.workspace, { role: "recovery", recipient: (await newKey()).recipient })
  await expect(rotation).rejects.toMatchObject({ code: "manifest_untrusted" })
})

it("evidence sealed to a key after it was revoked is counted as late", async () => {
  using test = await testWorkspace()
  await rotateRecipient(test.workspace, { role: "custodian", recipient: (await newKey()).recipient })
  // Whatever was opened before seals on by the manifest that it read.
  await sealTwo(test)
  expect(await keysStatus(await openWorkspace(test.root))).toMatchObject({ waiting: 2, late: 2 })
})

it.runIf(IS_LONG)(
  "a rotation and a rewrapping that are killed at any step are completed by the same calls",
  {
    timeout: KILLS_LIMIT_MS,
  },
  async () => {
    using test = await testWorkspace()
    await sealTwo(test)
    const passphrase = "a passphrase of a test"
    const identityFile = test.pathOf("recovery.age")
    writeFileSync(identityFile, await protectIdentity(test.identities[1] ?? "", passphrase, { workFactor: 10 }), {
      mode: 0o600,
    })
    const run = (args: readonly string[], killAt: number, root = test.root) =>
      runScript(KILLED, ["--workspace", root, "keys", ...args], {
        env: { ...process.env, NIGHTLIGHT_PASSPHRASE: passphrase, NIGHTLIGHT_TEST_KILL_AT: String(killAt) },
      })
    const finish = async (args: readonly string[]): Promise<number> => {
      const { end, kills } = await killAtEveryStep({
        stride: 17,
        run: (killAt) => run(args, killAt),
        wasKilled: ({ signal }) => signal === "SIGKILL",
      })
      expect(end, end.err).toMatchObject({ exit: 0 })
      return kills
    }
    const { recipient } = await newKey()
    const rotation = ["rotate", "custodian", "--recipient", recipient]
    // A killed process may have taken its last step and not its exit: how many steps there are, a copy says.
    const [whole, last] = [test.pathOf("whole"), test.pathOf("last")]
    for (const copy of [whole, last]) execFileSync("cp", ["-a", test.root, copy])
    const steps = Number((await run(rotation, Number.MAX_SAFE_INTEGER, whole)).err.trim().split("\n").at(-1))
    expect(steps).toBeGreaterThan(0)
    await run(rotation, steps - 1, last)
    const again = await run([...rotation, "--json"], Number.MAX_SAFE_INTEGER, last)
    expect(again, again.err).toMatchObject({ exit: 0 })
    expect(JSON.parse(again.out)).toMatchObject({ id: "custodian-2", recipientsVersion: 2, resumed: true })
    expect(await finish(rotation)).toBeGreaterThan(0)
    const workspace = await openWorkspace(test.root)
    expect(workspace.manifest.recipients.filter(({ role }) => role === "custodian")).toMatchObject([
      { id: "custodian", revokedAt: expect.any(String) },
      { id: "custodian-2", recipient },
    ])
    const rewrapping = ["rewrap", "--identity", identityFile]
    const asked = await run(rewrapping, Number.MAX_SAFE_INTEGER)
    const [, digest = ""] = /--accept-recipients ([0-9a-f]{16})/.exec(asked.err) ?? []
    expect([asked.exit, digest], asked.err).toEqual([2, recipientsDigest([recipient, workspaceRecovery(workspace)])])
    expect(await finish([...rewrapping, "--accept-recipients", digest])).toBeGreaterThan(0)
    expect(await keysStatus(workspace)).toMatchObject({ current: 2, waiting: 0 })
    const verified = await verifyEvidence(workspace, test.identities.slice(1), { signal: noSignal })
    expect(verified).toMatchObject({ checked: 2, broken: [] })
  },
)
