/**
 * The guard against a bare Fastify and undici proxy and against the upstream itself, in turns, in one run: a mock that
 * answers at once, requests of 1 kB with checks on, and requests with a picture.
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { drawPicture } from "@nightlight/demo/generated"
import sharp from "sharp"
import { type Load, sendLoad } from "./guard-load.ts"
import { type BenchRow, median } from "./row.ts"
import { makeBenchWorkspace, randomHashes } from "./scan-material.ts"

const ROUNDS = 5
const HASHES = 100_000
const PHRASES = 500

/** Measures what the guard adds to a request, and how many it takes. */
export async function benchGuard(): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), "nightlight-bench-guard-"))
  const children: ChildProcess[] = []
  const start = async (file: string, ...args: string[]): Promise<number> => {
    const child = spawn(process.execPath, ["-C", "@nightlight/source", join(import.meta.dirname, file), ...args], {
      stdio: ["ignore", "pipe", "inherit"],
    })
    children.push(child)
    const [line] = (await once(child.stdout, "data")) as [Buffer]
    return Number(line.toString())
  }
  try {
    await makeBenchWorkspace(folder, randomHashes(HASHES))
    writeFileSync(join(folder, "guard.yaml"), CONFIG)
    writeFileSync(join(folder, "patterns.yaml"), patterns())
    const drawn = await drawnPicture(512, 512, 92)
    const answered = join(folder, "picture.json")
    writeFileSync(answered, JSON.stringify({ created: 1_700_000_000, data: [{ b64_json: drawn.toString("base64") }] }))
    const mock = await start("guard-mock.ts", answered)
    const proxy = await start("guard-proxy.ts", `http://127.0.0.1:${mock}`)
    const guard = await start("guard-server.ts", folder, `http://127.0.0.1:${mock}/v1`)
    const rig = { mock, proxy, guard }
    const text = chatBody("a plain question of a thousand characters, say, about the weather in autumn. ".repeat(12))
    const asked = streamBody()
    await measure(rig, text, 16, 4_000, 1)
    await measure(rig, asked, 16, 300, 1, STREAMED)
    const single = await measure(rig, text, 1, 1_000, ROUNDS)
    const many = await measure(rig, text, 16, 6_000, ROUNDS)
    const streams = [
      { concurrency: 1, measured: await measure(rig, asked, 1, 60, ROUNDS, STREAMED) },
      { concurrency: 16, measured: await measure(rig, asked, 16, 300, ROUNDS, STREAMED) },
      { concurrency: 64, measured: await measure(rig, asked, 64, 400, ROUNDS, STREAMED) },
    ]
    const small = await measure(rig, await pictureBody(512, 512, 92), 1, 60, ROUNDS)
    const large = await measure(rig, await pictureBody(1024, 768, 70), 1, 60, ROUNDS)
    const made = { path: "/v1/images/generations", holds: "b64_json" }
    const out = await measure(
      rig,
      Buffer.from(JSON.stringify({ model: "mock", prompt: "a shape" })),
      1,
      60,
      ROUNDS,
      made,
    )
    return [
      addsRow("guard, 1 kB chat request, one at a time", single, 1),
      shareRow("guard, 1 kB chat request, 16 at once", many, 1 / 3),
      ...streams.flatMap(({ concurrency, measured }) => [
        streamsRow(concurrency, measured),
        ...(concurrency === 1 ? [firstByteRow(measured)] : []),
      ]),
      addsRow("guard, a picture of 512x512 in", small, 6),
      addsRow("guard, a picture of 1024x768 in", large, 9),
      addsRow("guard, a picture of 512x512 out", { ...out, bytes: drawn.length }, 6),
    ]
  } finally {
    for (const child of children) child.kill("SIGKILL")
    rmSync(folder, { recursive: true, force: true })
  }
}

/** End of every streamed answer. */
const STREAMED = { holds: "[DONE]" }

const CONFIG = `version: 1
endpoints: [chat, images.generations]
checks:
  - { kind: hash-match }
  - { kind: patterns, name: words, file: patterns.yaml }
`

function patterns(): string {
  const phrases = Array.from({ length: PHRASES }, (_, index) => `"canary phrase ${index}"`)
  return `version: 1\nrules:\n  - name: canaries\n    phrases: [${phrases.join(", ")}]\n`
}

function chatBody(content: unknown): Buffer {
  return Buffer.from(JSON.stringify({ model: "mock", messages: [{ role: "user", content }] }))
}

function streamBody(): Buffer {
  return Buffer.from(
    JSON.stringify({ model: "mock", messages: [{ role: "user", content: "a question" }], stream: true }),
  )
}

async function pictureBody(width: number, height: number, quality: number): Promise<Buffer> {
  const url = `data:image/jpeg;base64,${(await drawnPicture(width, height, quality)).toString("base64")}`
  return chatBody([{ type: "image_url", image_url: { url } }])
}

/** A drawn picture with the grain of a photograph, so that it weighs what one weighs. */
async function drawnPicture(width: number, height: number, quality: number): Promise<Buffer> {
  const pixels = await sharp(drawPicture(7), { raw: { width: 96, height: 96, channels: 3 } })
    .resize(width, height, { fit: "fill" })
    .raw()
    .toBuffer()
  let noise = 1
  for (let index = 0; index < pixels.length; index++) {
    noise = (Math.imul(noise, 1_103_515_245) + 12_345) >>> 0
    pixels[index] = Math.min(255, Math.max(0, (pixels[index] ?? 0) + ((noise >>> 16) % 31) - 15))
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality })
    .toBuffer()
}

type Side = "mock" | "proxy" | "guard"
type Rig = Readonly<Record<Side, number>>
interface Measured {
  readonly medianMs: Readonly<Record<Side, number>>
  readonly firstByteMs: Readonly<Record<Side, number>>
  readonly perSecond: Readonly<Record<Side, number>>
  readonly bytes: number
}

/** Takes turns: what slows the machine for a while slows all three. */
async function measure(
  rig: Rig,
  body: Buffer,
  concurrency: number,
  requests: number,
  rounds: number,
  asked: Pick<Load, "path" | "holds"> = {},
): Promise<Measured> {
  const sides = ["mock", "proxy", "guard"] as const
  const ms: Record<Side, number[]> = { mock: [], proxy: [], guard: [] }
  const firsts: Record<Side, number[]> = { mock: [], proxy: [], guard: [] }
  const rates: Record<Side, number[]> = { mock: [], proxy: [], guard: [] }
  for (let round = 0; round < rounds; round++) {
    for (const side of sides) {
      const result = await sendLoad({ port: rig[side], body, concurrency, requests, ...asked })
      ms[side].push(result.medianMs)
      firsts[side].push(result.firstByteMs)
      rates[side].push(result.perSecond)
    }
  }
  const medians = (all: Readonly<Record<Side, number[]>>) => ({
    mock: median(all.mock),
    proxy: median(all.proxy),
    guard: median(all.guard),
  })
  return {
    medianMs: medians(ms),
    firstByteMs: medians(firsts),
    perSecond: medians(rates),
    bytes: body.length,
  }
}

function addsRow(what: string, { medianMs, bytes }: Measured, atMostMs: number): BenchRow {
  const added = medianMs.guard - medianMs.mock
  return {
    what,
    measured: `adds ${added.toFixed(2)} ms: ${medianMs.guard.toFixed(2)} ms`,
    atLeast: `<= ${atMostMs} ms`,
    ok: added <= atMostMs,
    note: `straight ${medianMs.mock.toFixed(2)} ms, bare proxy ${medianMs.proxy.toFixed(2)} ms; body ${(bytes / 1000).toFixed(0)} kB`,
  }
}

function shareRow(what: string, { perSecond }: Measured, atLeast: number): BenchRow {
  const share = perSecond.guard / perSecond.proxy
  return {
    what,
    measured: `${perSecond.guard.toFixed(0)} requests/s`,
    ratio: share,
    atLeast: `>= ${atLeast.toFixed(2)} of a bare proxy`,
    ok: share >= atLeast,
    note: `bare proxy ${perSecond.proxy.toFixed(0)}, straight ${perSecond.mock.toFixed(0)} requests/s; the load generator shares the cores`,
  }
}

function streamsRow(concurrency: number, { perSecond, firstByteMs }: Measured): BenchRow {
  const share = perSecond.guard / perSecond.proxy
  return {
    what: `guard, streams of 200 chunks, ${concurrency} at once`,
    measured: `${perSecond.guard.toFixed(0)} streams/s`,
    ratio: share,
    atLeast: ">= 0.35 of a bare proxy",
    ok: share >= 0.35,
    note: `bare proxy ${perSecond.proxy.toFixed(0)}, straight ${perSecond.mock.toFixed(0)} streams/s; first byte ${firstBytes(firstByteMs)}`,
  }
}

function firstByteRow({ firstByteMs }: Measured): BenchRow {
  const added = firstByteMs.guard - firstByteMs.proxy
  return {
    what: "guard, first byte of a stream, one at a time",
    measured: `adds ${added.toFixed(2)} ms to a bare proxy's`,
    atLeast: "<= 5 ms",
    ok: added <= 5,
    note: firstBytes(firstByteMs),
  }
}

function firstBytes({ guard, proxy }: Readonly<Record<Side, number>>): string {
  return `${guard.toFixed(1)} ms, bare proxy ${proxy.toFixed(1)} ms`
}
