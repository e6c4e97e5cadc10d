/**
 * The console in a real browser on the loopback: how much it loads at its start, how soon its first page says something,
 * and how a list of 100,000 rows scrolls.
 * @module
 */
import { mkdtempSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { signIn } from "@nightlight/dev-env/browser/sign-in"
import { gzipBytes } from "@nightlight/dev-env/browser/travel"
import type { DemoPerson } from "@nightlight/dev-env/command/demo-person"
import { startUp } from "@nightlight/dev-env/command/up-process"
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core"
import { type BenchRow, median } from "./row.ts"

const ROUNDS = 7
const ROWS = 100_000
const FRAMES = 240
const SIZE = { width: 1440, height: 900 }
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

/** Measures the start of the home page, signed in, with an empty cache each time. */
export function benchStart(): Promise<BenchRow[]> {
  return inBrowser(async (open) => {
    const firstMs: number[] = []
    let bytes = 0
    for (let round = 0; round < ROUNDS; round++) {
      const page = await open()
      const files: string[] = []
      page.on("response", (response) => {
        if (!/\/(v1|readyz)/.test(new URL(response.url()).pathname)) files.push(response.url())
      })
      const startedAt = performance.now()
      await page.goto("/")
      await page.locator(".home-sentence").waitFor()
      firstMs.push(performance.now() - startedAt)
      if (round === 0) bytes = (await Promise.all(files.map(gzipBytes))).reduce((sum, size) => sum + size, 0)
      await page.context().close()
    }
    const first = median(firstMs)
    const kilobytes = bytes / 1000
    return [
      {
        what: "console, files of the home page, gzip",
        measured: `${kilobytes.toFixed(0)} kB`,
        atLeast: "<= 250 kB",
        ok: kilobytes <= 250,
        note: "page, scripts, styles and fonts, before anything is opened",
      },
      {
        what: "console, home page says what needs a person",
        measured: `${first.toFixed(0)} ms`,
        atLeast: "<= 1000 ms",
        ok: first <= 1000,
        note: `median of ${ROUNDS}, empty cache, a demonstration's data`,
      },
    ]
  })
}

/** Measures frames while a list of 100,000 made-up rows scrolls from its top to its end. */
export function benchList(): Promise<BenchRow[]> {
  return inBrowser(async (open) => {
    const page = await open()
    const [pattern] = (await (await page.request.get("/v1/cases?limit=1")).json()).cases as object[]
    const cases = Array.from({ length: ROWS }, (_, index) => ({
      ...pattern,
      caseId: `case-${String(index).padStart(36, "0")}`,
    }))
    await page.route(/\/v1\/cases\?/, (route) => route.fulfill({ json: { cases } }))
    await page.goto("/cases")
    await page.getByRole("option").first().waitFor()
    const frames = (await page.evaluate(`new Promise((resolve) => {
      const list = document.querySelector(".rows")
      const step = list.scrollHeight / ${FRAMES}
      const times = []
      let last = performance.now()
      const frame = (now) => {
        times.push(now - last)
        last = now
        list.scrollTop += step
        if (times.length < ${FRAMES}) requestAnimationFrame(frame)
        else resolve(times.slice(2))
      }
      requestAnimationFrame(frame)
    })`)) as number[]
    const drawn = await page.getByRole("option").count()
    const p95 = frames.toSorted((a, b) => a - b)[Math.floor(frames.length * 0.95)] ?? 0
    return [
      {
        what: `console, ${ROWS.toLocaleString("en")} rows scrolled end to end`,
        measured: `${median(frames).toFixed(1)} ms a frame, ${p95.toFixed(1)} ms at the 95th percentile`,
        atLeast: "<= 50 ms at the 95th percentile",
        ok: p95 <= 50,
        note: `${drawn} rows drawn at the end; no graphics card`,
      },
    ]
  })
}

/** Runs a demonstration and a browser; each page opened is signed in and has an empty cache. */
async function inBrowser(measure: (open: () => Promise<Page>) => Promise<BenchRow[]>): Promise<BenchRow[]> {
  const home = mkdtempSync(join(realpathSync(tmpdir()), "nl-bench-console-"))
  const up = startUp(["--demo", "--data", join(home, "demo")])
  let browser: Browser | undefined
  try {
    const told = await up.next(({ event }) => event === "demo")
    const { url: baseURL, people } = told as unknown as { readonly url: string; readonly people: readonly DemoPerson[] }
    const person = people.find(({ name }) => name === "Counsel")
    if (person === undefined) throw new Error("the demonstration has no counsel")
    browser = await chromium.launch({ executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium", args: FLAGS })
    const running = browser
    const options: BrowserContextOptions = { baseURL, viewport: SIZE, reducedMotion: "reduce" }
    const first = await (await running.newContext(options)).newPage()
    await signIn(first, person)
    const storageState = await first.context().storageState()
    await first.context().close()
    return await measure(async () => (await running.newContext({ ...options, storageState })).newPage())
  } finally {
    await browser?.close()
    up.child.kill("SIGTERM")
    await up.ended
    rmSync(home, { recursive: true, force: true })
  }
}
