import { appendFileSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { MINUTE_MS } from "@nightlight/core"
import { writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { scan, type TestWorkspace, testWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { KILLS_LIMIT_MS, killAtEveryStep } from "@nightlight/dev-env/machine/kill-at-every-step"
import { type DocumentBody, signDocument } from "@nightlight/durable"
import { testCardPng } from "@nightlight/screening"
import {
  createSigningKey,
  openSigner,
  openVerifier,
  publicKeyPath,
  toSigningHandover,
  writeManifest,
} from "@nightlight/vault"
import { readAuditEvents, readCheckpoints, toCheckpointLine } from "@nightlight/vault/audit"
import { expect, it } from "vitest"
import { verifyAudit } from "../src/audit/verify.ts"
import { rotateSigningKey } from "../src/keys/rotate-signing.ts"
import { readReceipts } from "../src/scan/finish-shard.ts"
import { scanFolder } from "../src/scan/scan-folder.ts"
import { openWorkspace } from "../src/workspace/open.ts"
import { openSourceSigner } from "../src/workspace/source-key.ts"
import { runScript } from "./support/run-command.ts"

const KILLED = new URL("support/kill-command.ts", import.meta.url).pathname

async function scanned(test: TestWorkspace): Promise<void> {
  writeFiles(test.pathOf("data"), { "one.png": testCardPng(0) })
  await scan(test.workspace, { inputs: [test.pathOf("data")], demo: true })
}

const receiptsOf = ({ layout, verifier }: TestWorkspace["workspace"]) =>
  [...readReceipts(scanFolder(layout.scans, "s-000001"), verifier).values()].length

/** That everything which was signed before holds, and what is signed now too. */
async function expectSound(root: string, receipts: number): Promise<void> {
  const workspace = await openWorkspace(root)
  expect(receiptsOf(workspace)).toBe(receipts)
  await using index = await workspace.openIndex()
  expect(index.lists.length).toBeGreaterThan(0)
  await workspace.record("workspace.looked-at", {})
  expect(await verifyAudit(await openWorkspace(root))).toMatchObject({ ok: true })
}

it("a workspace's signing key can be handed over twice, and earlier and later documents stay valid", {
  timeout: 3 * MINUTE_MS,
}, async () => {
  using test = await testWorkspace()
  await scanned(test)
  const first = test.workspace.signer.keyId
  const receipts = receiptsOf(test.workspace)
  expect(receipts).toBeGreaterThan(0)
  const one = await rotateSigningKey(test.workspace)
  expect(one).toMatchObject({ replaces: first, resumed: false })
  // A workspace that was opened before goes on, and its events are signed by the new key.
  await test.workspace.record("workspace.looked-at", {})
  await test.workspace.refreshIndex()
  expect(receiptsOf(test.workspace)).toBe(receipts)
  writeFiles(test.pathOf("more"), { "two.png": testCardPng(1) })
  await scan(test.workspace, { inputs: [test.pathOf("more")], demo: true })
  await expectSound(test.root, receipts)
  expect((await openWorkspace(test.root)).signer.keyId).toBe(one.keyId)
  const two = await rotateSigningKey(test.workspace)
  expect(await verifyAudit(test.workspace)).toMatchObject({ ok: true })
  expect(two).toMatchObject({ replaces: one.keyId, resumed: false })
  await expectSound(test.root, receipts)
  // A server goes on knowing it by the key that it was enrolled with.
  expect((await openSourceSigner(test.workspace.layout)).keyId).toBe(first)
  // The scan is done, and nothing of it has to be made again.
  const again = await scan(await openWorkspace(test.root), { inputs: [test.pathOf("data")], demo: true })
  expect(again).toMatchObject({ report: { scan: "s-000001" } })
})

it("a manifest, checkpoint or receipt signed by an old key after its handover is refused, and so is the old key put back", async () => {
  using test = await testWorkspace()
  await scanned(test)
  const { layout } = test.workspace
  const kept = test.pathOf("stolen.pem")
  cpSync(layout.signingKey, kept)
  cpSync(publicKeyPath(layout.signingKey), publicKeyPath(kept))
  await rotateSigningKey(test.workspace)
  const stolen = { signer: await openSigner(kept), verifier: await openVerifier(publicKeyPath(kept)) }
  const manifest = readFileSync(layout.recipients)
  await writeManifest(layout.recipients, test.workspace.manifest.recipients, { ...test.workspace, ...stolen })
  await expect(openWorkspace(test.root)).rejects.toMatchObject({ code: "manifest_untrusted" })
  writeFileSync(layout.recipients, manifest)

  const workspace = await openWorkspace(test.root)
  const { verifier } = workspace
  const path = join(layout.audit, "checkpoints.ndjson")
  const lines = readFileSync(path)
  expect((await readCheckpoints(path, verifier)).untrustedLines).toEqual([])
  const events = []
  for await (const event of readAuditEvents(layout.audit)) events.push(event)
  const { seq = 0, hash = "" } = events.at(-1) ?? {}
  appendFileSync(path, toCheckpointLine({ seq, hash, at: "2099-01-01T00:00:00.000Z" }, stolen.signer))
  expect(await verifyAudit(await openWorkspace(test.root))).toMatchObject({
    ok: false,
    problem: { code: "checkpoint_untrusted" },
  })
  writeFileSync(path, lines)

  const before = receiptsOf(await openWorkspace(test.root))
  const { receipts } = scanFolder(layout.scans, "s-000001")
  const [name = ""] = readdirSync(receipts)
  const receipt = JSON.parse(readFileSync(join(receipts, name), "utf8")) as DocumentBody
  const forged = signDocument({ ...receipt, finishedAt: "2026-01-01T00:00:00.000Z" }, stolen.signer)
  writeFileSync(join(receipts, `forged-${name}`), JSON.stringify(forged))
  // It is as if it were not there: the shard of one that was being written meanwhile is screened again.
  expect(receiptsOf(workspace)).toBe(before)
  const stranger = { ...forged, keyId: "0".repeat(16) }
  writeFileSync(join(receipts, `forged-${name}`), JSON.stringify(stranger))
  expect(() => receiptsOf(workspace)).toThrow(expect.objectContaining({ code: "receipt_untrusted" }))
  rmSync(join(receipts, `forged-${name}`))

  const present = readFileSync(layout.signingKey)
  cpSync(kept, layout.signingKey)
  await expect(openWorkspace(test.root)).rejects.toMatchObject({
    code: "key_unusable",
    message: expect.stringContaining("last"),
  })
  writeFileSync(layout.signingKey, present)
  await expectSound(test.root, receiptsOf(await openWorkspace(test.root)))
})

it("a handover of the signing key is refused if only one key signed it, if it goes back, or if its list was exchanged", async () => {
  using test = await testWorkspace()
  const { layout, signer: from } = test.workspace
  const paths = ["next.pem", "third.pem"].map((name) => test.pathOf(name))
  for (const path of paths) await createSigningKey(path)
  const [to, third] = await Promise.all(paths.map((path) => openSigner(path)))
  if (to === undefined || third === undefined) throw new Error("no keys")
  const first = readFileSync(layout.signingPublic, "utf8")
  const publicKey = readFileSync(publicKeyPath(paths[0] ?? ""), "utf8")
  const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
  const handover = { publicKey, at: "2026-06-01T12:00:00.000Z", signatures: empty }
  const good = toSigningHandover(handover, from, to)
  const list = join(layout.keys, "signing.pem.signed-1.pub")
  const back = toSigningHandover({ ...handover, publicKey: first }, to, from)
  writeFileSync(list, "")
  for (const lines of [
    toSigningHandover(handover, third, to),
    toSigningHandover(handover, from, third),
    good.replace("12:00:00", "12:00:01"),
    good + good,
    good + back,
    "{}\n",
  ]) {
    writeFileSync(layout.signingPublic, first + lines)
    await expect(openVerifier(layout.signingPublic)).rejects.toMatchObject({ code: "key_unusable" })
  }
  writeFileSync(layout.signingPublic, first + good)
  expect((await openVerifier(layout.signingPublic)).keyId).toBe(to.keyId)
  // Who opened the file before takes the next key, unless the file does not follow from the one that they know.
  writeFileSync(layout.signingPublic, first)
  const known = await openVerifier(layout.signingPublic)
  expect(known.earlier?.(to.keyId)).toBeUndefined()
  const strangers = readFileSync(publicKeyPath(paths[1] ?? ""), "utf8")
  writeFileSync(layout.signingPublic, strangers + toSigningHandover(handover, third, to))
  expect(known.earlier?.(to.keyId)).toBeUndefined()
  writeFileSync(layout.signingPublic, first + good)
  expect(known.earlier?.(to.keyId)?.keyId).toBe(to.keyId)
  expect(known.earlier?.(third.keyId)).toBeUndefined()
  writeFileSync(list, `${"0".repeat(32)}\n`)
  await expect(openVerifier(layout.signingPublic)).rejects.toMatchObject({ code: "key_unusable" })
})

it("a handover of the signing key that is killed at any step is completed by the same call, and the workspace opens meanwhile", {
  timeout: KILLS_LIMIT_MS,
}, async () => {
  using test = await testWorkspace()
  await scanned(test)
  const receipts = receiptsOf(test.workspace)
  const replaces = test.workspace.signer.keyId
  const args = ["--workspace", test.root, "keys", "rotate", "signing", "--json"]
  const { end: told } = await killAtEveryStep({
    stride: 9,
    run: (killAt) => runScript(KILLED, args, { env: { ...process.env, NIGHTLIGHT_TEST_KILL_AT: String(killAt) } }),
    wasKilled: ({ out }) => out === "",
    check: async ({ out, signal, err }, killAt) => {
      if (out === "") expect(signal, err).toBe("SIGKILL")
      // Guards and other commands go on, by whichever key it is.
      await test.workspace.record("workspace.looked-at", { step: killAt })
      expect(await verifyAudit(await openWorkspace(test.root))).toMatchObject({ ok: true })
    },
  })
  const { keyId } = (await openWorkspace(test.root)).signer
  expect(JSON.parse(told.out)).toMatchObject({ keyId, replaces })
  const events = []
  for await (const { type, data } of readAuditEvents(test.workspace.layout.audit)) {
    if (type === "signing-key.rotated") events.push(data)
  }
  expect(events).toEqual([{ key: keyId, replaces }])
  await expectSound(test.root, receipts)
})
