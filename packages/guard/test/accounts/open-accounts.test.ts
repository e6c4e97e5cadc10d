import { createHmac } from "node:crypto"
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import fs from "node:fs/promises"
import { syncBuiltinESMExports } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { compact, systemClock } from "@nightlight/core"
import { MAY_MOUNT, smallDisk } from "@nightlight/dev-env/machine/small-disk"
import { toKeyedDigest } from "@nightlight/vault"
import { afterAll, expect, it, onTestFinished, vi } from "vitest"
import { openAccounts } from "../../src/accounts/open-accounts.ts"
import { END_USER_HEADERS, signedText } from "../../src/accounts/signed-headers.ts"

const folder = mkdtempSync(join(tmpdir(), "nightlight-accounts-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const SECRET = Buffer.from("a secret for tests, of 32 bytes!")
const app = { id: "app", trusted: true }
const keyed = toKeyedDigest(Buffer.alloc(32, 9))

function signed(user: string, nonce: string): Record<string, string> {
  const given: Record<string, string> = {
    "x-nightlight-user": user,
    "x-nightlight-timestamp": String(Math.floor(Date.now() / 1000)),
    "x-nightlight-nonce": `nonce-${nonce.padStart(16, "0")}`,
  }
  const text = signedText(
    app.id,
    END_USER_HEADERS.map((name) => given[name] ?? ""),
  )
  return { ...given, "x-nightlight-signature": `v1=${createHmac("sha256", SECRET).update(text).digest("hex")}` }
}

async function open(path: string, alarms: string[] = [], secret: Uint8Array | undefined = SECRET) {
  const key = compact({
    id: app.id,
    sha256: "0".repeat(64),
    trusted: true,
    headerSecret: secret || undefined,
  })
  return openAccounts({ path, keyed }, { keys: () => [key], clock: systemClock, onAlarm: (code) => alarms.push(code) })
}

it("keeps account records over a restart, under digests, in a file that only its owner can read", async () => {
  const path = join(folder, "kept")
  const first = await open(path)
  const record = first.read(signed("canary-user", "1"), app)?.record
  if (record === undefined) throw new Error("expected a record")
  first.blocked(record, "exchange-1")
  await first.close()
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(readFileSync(path, "utf8")).not.toContain("canary")
  const second = await open(path)
  expect(second.read(signed("canary-user", "2"), app)?.record.heat).toBeGreaterThan(0.5)
  await second.close()
})

it("ends with the newest records on disk, even while an older state is being written", async () => {
  const path = join(folder, "newest")
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] })
  onTestFinished(() => void vi.useRealTimers())
  const first = await open(path)
  const { open: realOpen, rename: realRename } = fs
  const [reached, goOn, older] = Array.from({ length: 3 }, () => Promise.withResolvers<void>())
  let opened = 0
  fs.open = ((...given: Parameters<typeof realOpen>) => {
    opened++
    return realOpen(...given)
  }) as typeof realOpen
  fs.rename = async (...given) => {
    fs.rename = realRename
    syncBuiltinESMExports()
    reached!.resolve()
    await goOn!.promise
    await realRename(...given)
    older!.resolve()
  }
  syncBuiltinESMExports()
  vi.advanceTimersByTime(60_000)
  await reached!.promise
  const record = first.read(signed("canary-user", "6"), app)?.record
  first.blocked(record!, "exchange-1")
  opened = 0
  const closing = first.close()
  // One that was begun beside the older one is let end before it.
  if (opened > 0) await closing
  goOn!.resolve()
  await Promise.all([older!.promise, closing])
  fs.open = realOpen
  syncBuiltinESMExports()
  const second = await open(path)
  expect(second.read(signed("canary-user", "7"), app)?.record.heat).toBeGreaterThan(0.5)
  await second.close()
})

it("raises an alarm and begins with no records where the file was altered", async () => {
  const path = join(folder, "altered")
  await (await open(path)).close()
  writeFileSync(path, `${readFileSync(path, "utf8")} `)
  const alarms: string[] = []
  await (await open(path, alarms)).close()
  expect(alarms).toEqual(["accounts_damaged"])
})

it("does not let a key without a secret name an end user", async () => {
  const accounts = await openAccounts(
    { path: join(folder, "none"), keyed },
    { keys: () => [], clock: systemClock, onAlarm: () => undefined },
  )
  expect(() => accounts.read(signed("user", "3"), app)).toThrow(expect.objectContaining({ code: "end_user_invalid" }))
  await accounts.close()
})

it.skipIf(!MAY_MOUNT)("reports a full disk as a full disk, and keeps the records it last wrote", async () => {
  using disk = smallDisk(1)
  const path = join(disk.path, "accounts")
  const first = await open(path)
  const record = first.read(signed("user", "4"), app)?.record
  if (record === undefined) throw new Error("expected a record")
  first.blocked(record, "exchange-1")
  await first.close()
  const alarms: string[] = []
  const full = await open(path, alarms)
  disk.fill(0)
  await full.close()
  expect(alarms).toEqual(["disk_full"])
  disk.empty()
  const again = await open(path, alarms)
  expect(again.read(signed("user", "5"), app)?.record.heat).toBeGreaterThan(0.5)
  await again.close()
  expect(alarms).toEqual(["disk_full"])
})
