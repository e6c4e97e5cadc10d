import { createHash } from "node:crypto"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Signer } from "@nightlight/core"
import { compact, HOUR_MS, MINUTE_MS } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { TestClock } from "@nightlight/dev-env/server/cases"
import { startS3 } from "@nightlight/dev-env/simulators/s3"
import { signDocument } from "@nightlight/durable"
import { createSigningKey, openSigner, openVerifier, publicKeyPath } from "@nightlight/vault"
import { afterAll, beforeEach, describe, expect, it, onTestFinished } from "vitest"
import { folderPlace } from "../../../src/platform/events/copies/folder.ts"
import { httpWitness } from "../../../src/platform/events/copies/http-witness.ts"
import { copyTo } from "../../../src/platform/events/copies/job.ts"
import { readCopyLags } from "../../../src/platform/events/copies/lag.ts"
import { s3Place } from "../../../src/platform/events/copies/s3.ts"
import { signS3 } from "../../../src/platform/events/copies/sigv4.ts"
import type { CopyPlace } from "../../../src/platform/events/copies/types.ts"
import { asSuperuser } from "../../support/superuser.ts"

const dir = await mkdtemp(join(tmpdir(), "nightlight-copies-"))
afterAll(() => rm(dir, { recursive: true, force: true }))
const made = useDatabase()
const clock = new TestClock()
let raised: string[] = []
const lines = [1, 2, 3, 4, 5].map((seq) => ({
  restarts: seq > 3 ? 1 : 0,
  seq: seq > 3 ? seq - 2 : seq,
  line: `line-${seq}`,
}))
const texts = lines.map(({ line }) => line)

beforeEach(async () => {
  raised = []
  await asSuperuser(made, async ({ run }) => {
    await run("DELETE FROM checkpoint_copies")
    await run("DELETE FROM checkpoint_receipts")
    await run("DELETE FROM event_checkpoints")
    for (const { restarts, seq, line } of lines) {
      await run("INSERT INTO event_checkpoints (restarts, seq, line) VALUES ($1, $2, $3)", restarts, seq, line)
    }
  })
})

const copy = (place: CopyPlace) =>
  copyTo(
    {
      db: made.database.kysely,
      clock,
      alarms: { raiseNow: async ({ data }) => void raised.push(data?.["fault"] as string) },
      places: [place],
    },
    place,
  )
const row = () =>
  made.database.kysely
    .selectFrom("checkpoint_copies")
    .select(["restarts", "seq", "failures", "fault"])
    .executeTakeFirstOrThrow()

async function aBucket(options: { readonly locks?: boolean } = {}, secret?: string) {
  const s3 = await startS3(options)
  onTestFinished(async () => void (await s3.close()))
  const credentialsFile = join(dir, `${crypto.randomUUID()}.json`)
  const credentials = { ...s3.credentials, ...compact({ secretAccessKey: secret }) }
  await writeFile(credentialsFile, JSON.stringify(credentials), { mode: 0o600 })
  const store = { endpoint: s3.endpoint, region: "eu-1", bucket: "log", prefix: "a/", retainDays: 30, credentialsFile }
  return { s3, place: s3Place(store, clock), credentialsFile }
}

async function aWitness(change: (receipt: { sha256: string; at: string }) => object = (receipt) => receipt) {
  const paths = ["own", "other"].map(() => join(dir, `${crypto.randomUUID()}.pem`))
  for (const path of paths) await createSigningKey(path)
  const [own, other] = (await Promise.all(paths.map(openSigner))) as [Signer, Signer]
  const given: string[] = []
  const state = { signer: own, status: 200 }
  const server = createServer((request, response) => {
    void (async () => {
      if (request.method === "GET") {
        const from = Number(new URL(request.url ?? "", "http://witness").searchParams.get("from"))
        return response.end(
          given
            .slice(from, from + 2)
            .map((line) => `${line}\n`)
            .join(""),
        )
      }
      let body = ""
      for await (const part of request) body += String(part)
      const { line } = JSON.parse(body) as { line: string }
      given.push(line)
      const receipt = { sha256: createHash("sha256").update(line).digest("hex"), at: clock.now().toISOString() }
      const signed = signDocument({ format: "nightlight-witness-receipt/1", ...change(receipt) }, state.signer)
      return response.writeHead(state.status, { location: "/" }).end(JSON.stringify({ receipt: signed }))
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(async () => void (await new Promise((resolve) => server.close(resolve))))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/checkpoints`
  return {
    given,
    state,
    other,
    place: httpWitness({ url, verifier: await openVerifier(publicKeyPath(paths[0] ?? "")) }),
  }
}

describe("the progress of copies", () => {
  const lags = (...names: string[]) =>
    readCopyLags({ db: made.database.kysely, clock, places: names.map((name) => ({ name })) })

  it("counts what was signed and is not there: current, behind after five minutes, failing with its reason", async () => {
    const signedAt = clock.now()
    await asSuperuser(made, async ({ run }) => {
      await run("UPDATE event_checkpoints SET line = $1", JSON.stringify({ at: signedAt.toISOString() }))
    })
    clock.move(4 * MINUTE_MS)
    expect(await lags("/new")).toMatchObject([
      { place: "/new", state: "current", waiting: 5, waitingSince: signedAt, copiedAt: undefined },
    ])
    clock.move(2 * MINUTE_MS)
    expect(await lags("/new")).toMatchObject([{ state: "behind", waiting: 5, waitingSince: signedAt }])
    const folder = join(dir, "lagging", "deeper")
    await copy(folderPlace("lagging", folder))
    expect(await lags("lagging", "/new")).toMatchObject([
      { state: "failing", waiting: 5, failingSince: clock.now(), fault: "unreachable" },
      { state: "behind" },
    ])
    await mkdir(folder, { recursive: true })
    clock.move(HOUR_MS)
    await copy(folderPlace("lagging", folder))
    expect(await lags("lagging")).toEqual([
      {
        place: "lagging",
        state: "current",
        waiting: 0,
        copiedAt: clock.now(),
        waitingSince: undefined,
        failingSince: undefined,
        fault: undefined,
      },
    ])
  })
})

describe("a copy of checkpoints in a folder", () => {
  it("has every line once and in order, even if a copy was made and not recorded", async () => {
    const folder = join(dir, "folder")
    await mkdir(folder)
    const place = folderPlace("folder", folder)
    await place.put(lines[0] as (typeof lines)[number], clock.now())
    await copy(place)
    await copy(place)
    expect(await place.read()).toEqual(texts)
    expect(await row()).toMatchObject({ restarts: 1, seq: "3", failures: 0 })
  })

  it("continues even if a forged row says that everything is there, or that the next try is never", async () => {
    const folder = join(dir, "ahead")
    await mkdir(folder)
    const place = folderPlace("ahead", folder)
    await place.put(lines[0] as (typeof lines)[number], clock.now())
    await asSuperuser(made, ({ run }) =>
      run("INSERT INTO checkpoint_copies (place, restarts, seq, next_try_at) VALUES ('ahead', 7, 9000000, 'infinity')"),
    )
    await copy(place)
    expect(await place.read()).toEqual(texts)
    expect(raised).toHaveLength(1)
    await copy(place)
    expect([await row(), raised]).toMatchObject([{ restarts: 1, seq: "3" }, [undefined]])
  })

  it("that does not answer is retried at growing intervals, and raises an alarm after a quarter of an hour", async () => {
    const folder = join(dir, "away", "deeper")
    const place = folderPlace("away", folder)
    await copy(place)
    expect([await row(), raised]).toMatchObject([{ failures: 1, fault: "unreachable" }, []])
    await copy(place)
    expect((await row()).failures).toBe(1)
    clock.move(HOUR_MS)
    await copy(place)
    expect([await row(), raised]).toMatchObject([{ failures: 2 }, ["unreachable"]])
    await mkdir(folder, { recursive: true })
    clock.move(HOUR_MS)
    await copy(place)
    expect([await row(), await place.read()]).toMatchObject([{ failures: 0, fault: null }, texts])
  })
})

describe("a copy of checkpoints in a bucket", () => {
  it("is one locked object for each checkpoint, in the order in which they were signed", async () => {
    const { s3, place } = await aBucket()
    await copy(place)
    expect(await place.read()).toEqual(texts)
    expect([...s3.objects.keys()]).toContain("a/000001-0000000000000003.ndjson")
    for (const [version] of s3.objects.values()) {
      expect(version?.mode).toBe("COMPLIANCE")
      expect(Date.parse(version?.until ?? "")).toBe(clock.now().getTime() + 30 * 24 * HOUR_MS)
    }
  })

  it("is written once if an answer was lost, and does not accept other content as its own", async () => {
    const { s3, place } = await aBucket()
    await place.put(lines[0] as (typeof lines)[number], clock.now())
    await copy(place)
    expect([...s3.objects.values()].map(({ length }) => length)).toEqual([1, 1, 1, 1, 1])
    const taken = await aBucket()
    taken.s3.overwrite("a/000000-0000000000000001.ndjson", "something else\n")
    await asSuperuser(made, ({ run }) => run("DELETE FROM checkpoint_copies"))
    await copy(taken.place)
    expect([await row(), raised]).toMatchObject([{ seq: "0", fault: "content-differs" }, ["content-differs"]])
  })

  it("that was overwritten is named when it is read", async () => {
    const { s3, place } = await aBucket()
    await copy(place)
    s3.overwrite("a/000000-0000000000000002.ndjson", "line-2, changed\n")
    await expect(place.read()).rejects.toMatchObject({
      code: "audit_chain_broken",
      details: { object: "a/000000-0000000000000002.ndjson" },
    })
  })

  it("fails at once with an alarm if the server accepts the lock's header but locks nothing", async () => {
    const { place } = await aBucket({ locks: false })
    await copy(place)
    expect([await row(), raised]).toMatchObject([{ fault: "not-locked" }, ["not-locked"]])
  })

  it("fails with a wrong secret, an answer of 503, and credentials that others may read", async () => {
    await copy((await aBucket({}, "another secret")).place)
    expect(await row()).toMatchObject({ fault: "refused" })
    const down = await aBucket()
    down.s3.state.down = true
    await expect(down.place.put(lines[0] as (typeof lines)[number], clock.now())).rejects.toMatchObject({
      details: { fault: "refused", status: 503 },
    })
    const open = await aBucket()
    await rm(open.credentialsFile)
    await writeFile(open.credentialsFile, JSON.stringify(open.s3.credentials), { mode: 0o644 })
    await expect(open.place.read()).rejects.toMatchObject({ details: { fault: "credentials-unreadable" } })
    expect(open.s3.state.calls).toBe(0)
  })

  it("is signed as the published example of the signature says", () => {
    const { authorization } = signS3(
      {
        method: "GET",
        url: new URL("https://examplebucket.s3.amazonaws.com/test.txt"),
        headers: { range: "bytes=0-9" },
        body: "",
      },
      { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" },
      "us-east-1",
      new Date("2013-05-24T00:00:00Z"),
    )
    expect(authorization).toContain("f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
  })
})

describe("a copy of checkpoints with another witness", () => {
  it("leaves a receipt for each line, and is read back", async () => {
    const { place, given } = await aWitness()
    await copy(place)
    expect(given).toEqual(texts)
    expect(await place.read()).toEqual(texts)
    const receipts = await made.database.kysely.selectFrom("checkpoint_receipts").select("receipt").execute()
    expect(receipts).toHaveLength(5)
    expect(receipts[0]?.receipt).toContain("nightlight-witness-receipt/1")
  })

  it("fails with a receipt of another line, from the future, without a time, or by another key", async () => {
    const bad = [
      await aWitness((receipt) => ({ ...receipt, sha256: "0".repeat(64) })),
      await aWitness((receipt) => ({ ...receipt, at: "2071-01-01T00:00:00.000Z" })),
      await aWitness(({ sha256 }) => ({ sha256 })),
      await aWitness(),
    ]
    const last = bad[3]
    if (last !== undefined) last.state.signer = last.other
    for (const { place } of bad) {
      await copy(place)
      await expect(place.put(lines[0] as (typeof lines)[number], clock.now())).rejects.toMatchObject({
        details: { fault: "receipt-wrong" },
      })
    }
    expect(raised).toEqual(bad.map(() => "receipt-wrong"))
  })

  it("does not follow a redirect", async () => {
    const { place, state, given } = await aWitness()
    state.status = 307
    await copy(place)
    expect([given.length, (await row()).fault]).toEqual([1, "refused"])
  })
})
