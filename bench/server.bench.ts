/**
 * The service's verdicts on single items, over HTTP on the loopback, beside the decoder alone on the same pictures; and
 * how fast pushed items become cases.
 * @module
 */
import { pictureJpeg } from "@nightlight/demo/generated"
import type { Installation } from "@nightlight/dev-env/server/intake"
import { makePusher, type Sealed } from "@nightlight/dev-env/server/intake-site"
import { type BenchRow, median, ratioRow } from "./row.ts"
import { all as inTurns, quantile, type Timing, withInstallation } from "./server-installation.ts"

const PICTURES = 150
const HASHES = 2_000
const CONCURRENCY = 16
const ROUNDS = 3
const ITEMS = 120
/** After this an item that could not be verified is tried again. */
const RETRY_MS = 120_000
/** As many as the worker's job takes in at once. */
const JOBS_AT_ONCE = 2

const all = <Item>(items: readonly Item[], work: (item: Item) => Promise<unknown>, concurrency: number = CONCURRENCY) =>
  inTurns(items, work, concurrency)

/** Measures screenings a second of 512x512 JPEGs that match nothing, and of hashes. */
export function benchScreen(): Promise<BenchRow[]> {
  return withInstallation(async (installation, site, port) => {
    await site.importListOf(await site.recordsOf(await pictureJpeg(1, 512)))
    await installation.index.refresh()
    await installation.app.listen({ port, host: "127.0.0.1" })
    return measure(installation, `http://127.0.0.1:${port}`, (bytes) => site.fingerprint(bytes))
  })
}

/**
 * Measures how fast pushed items become cases: the line and its sealed picture taken, the custodian's own opening,
 * digests and fingerprint, the match on our own lists, and a case of its own for each.
 */
export function benchCases(): Promise<BenchRow[]> {
  return withInstallation(async (installation, site) => {
    const pictures = await Promise.all(Array.from({ length: ITEMS }, (_, seed) => pictureJpeg(seed + 10, 512)))
    await site.importListOf(await site.recordsOf(...pictures))
    await installation.index.refresh()
    await using pusher = await makePusher(site.manifest, site.clock, site.fingerprint)
    const { source, key } = await installation.enrol(pusher)
    const sealed: Sealed[] = []
    for (const [index, content] of pictures.entries()) {
      sealed.push(await pusher.seal({ content, provenance: { sourceUrl: `https://host-${index}.example/1.jpg` } }))
    }
    const bring = async ({ finding, row, ciphertext }: Sealed): Promise<void> => {
      await installation.push(key, pusher.line(source, finding))
      await installation.upload(key, row.evidenceId, ciphertext)
      const job = installation.queued.shift()
      if (job !== undefined) await installation.run(job)
    }
    const alone = await all(sealed.slice(0, ITEMS / 2), bring, 1)
    const concurrent = await all(sealed.slice(ITEMS / 2), bring, JOBS_AT_ONCE)
    const later = (await installation.rows()).filter(({ state }) => state === "waiting")
    site.clock.move(RETRY_MS)
    await installation.sweep()
    await installation.work()
    const { heads } = await installation.cases.list({}, { after: undefined, limit: 2 * ITEMS })
    if (heads.length !== ITEMS) throw new Error(`expected ${ITEMS} cases, got ${heads.length}`)
    return [
      {
        what: `server, pushed items to cases, sealed JPEG 512x512, ${JOBS_AT_ONCE} at once`,
        measured: `${(1000 / perItem(concurrent)).toFixed(1)}/s; one at a time p50 ${quantile(alone, 0.5)} ms, p99 ${quantile(alone, 0.99)} ms; ${later.length} tried again`,
        atLeast: ">= 5/s",
        ok: 1000 / perItem(concurrent) >= 5,
        note: "the custodian, a process of its own, opens, digests and decodes each; the caller and the worker share one",
      },
    ]
  })
}

async function measure(
  installation: Installation,
  origin: string,
  fingerprint: (bytes: Uint8Array) => Promise<unknown>,
): Promise<BenchRow[]> {
  const pictures = await Promise.all(Array.from({ length: PICTURES }, (_, seed) => pictureJpeg(seed + 10, 512)))
  const key = installation.keyFor(undefined, "screen")
  const headers = { authorization: `Bearer ${key}` }
  const send = async (path: string, type: string, body: string | Uint8Array<ArrayBuffer>): Promise<void> => {
    const answer = await fetch(`${origin}${path}`, {
      method: "POST",
      headers: { ...headers, "content-type": type },
      body,
    })
    const { decision } = (await answer.json()) as { readonly decision?: string }
    if (decision !== "clear") throw new Error(`expected clear, got status ${answer.status}`)
  }
  const sendPicture = (bytes: Uint8Array) =>
    send("/v1/screen/image", "application/octet-stream", bytes as Uint8Array<ArrayBuffer>)
  const sendHash = (n: number) =>
    send("/v1/screen", "application/json", JSON.stringify({ kind: "hash", sha256: n.toString(16).padStart(64, "0") }))

  await all(pictures, sendPicture)
  const over: Timing[] = []
  const alone: Timing[] = []
  for (let round = 0; round < ROUNDS; round++) {
    over.push(await all(pictures, sendPicture))
    alone.push(await all(pictures, fingerprint))
  }
  const hashes = await all(
    Array.from({ length: HASHES }, (_, n) => n),
    sendHash,
  )
  const single = await all(pictures, sendPicture, 1)
  return [
    ratioRow(
      `server, screens over HTTP, JPEG 512x512, ${CONCURRENCY} at once`,
      { measured: median(over.map(perItem)), against: median(alone.map(perItem)), unit: "ms a picture" },
      0.25,
      `against one decoder process alone; caller and server share a process; ${rate(median(over.map(perItem)))}/s; one at a time p50 ${quantile(single, 0.5)} ms, p99 ${quantile(single, 0.99)} ms`,
    ),
    {
      what: `server, screens over HTTP, one hash, ${CONCURRENCY} at once`,
      measured: `${rate(perItem(hashes))}/s, p50 ${quantile(hashes, 0.5)} ms, p99 ${quantile(hashes, 0.99)} ms`,
      atLeast: ">= 300/s",
      ok: 1000 / perItem(hashes) >= 300,
    },
  ]
}

function perItem({ totalMs, eachMs }: Timing): number {
  return totalMs / eachMs.length
}

function rate(msEach: number): string {
  return (1000 / msEach).toFixed(0)
}
