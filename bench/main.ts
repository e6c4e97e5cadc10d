/**
 * `npm run bench`: measures every budget of ARCHITECTURE.md and prints the table.
 *
 * `--only TEXT` runs the bench files and functions whose name contains it; `--json` prints one JSON object. Each run is
 * kept in `bench/results/`. Exit 4 when a row misses its budget, 2 when nothing was asked for that exists.
 * @module
 */
import { globSync, mkdirSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { pathToFileURL } from "node:url"
import { parseArgs } from "node:util"
import { EXIT, type ExitCode } from "@nightlight/core"
import { environment } from "./environment.ts"
import type { Bench, BenchRow } from "./row.ts"
import { table } from "./table.ts"

const here = import.meta.dirname

interface NamedBench {
  readonly name: string
  readonly bench: Bench
}

async function loadBenches(only: string): Promise<NamedBench[]> {
  const benches: NamedBench[] = []
  for (const file of globSync("*.bench.ts", { cwd: here }).sort()) {
    const exported = (await import(pathToFileURL(join(here, file)).href)) as Record<string, unknown>
    for (const [name, bench] of Object.entries(exported)) {
      const full = `${basename(file, ".bench.ts")}/${name}`
      if (typeof bench === "function" && full.includes(only)) benches.push({ name: full, bench: bench as Bench })
    }
  }
  return benches
}

/** Runs one bench; one that fails is a missed row, and the others are measured all the same. */
async function measure(name: string, bench: Bench): Promise<readonly BenchRow[]> {
  try {
    return await bench()
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
    return [{ what: name, measured: "failed", atLeast: "a measurement", ok: false }]
  }
}

async function main(): Promise<ExitCode> {
  const { values } = parseArgs({ options: { only: { type: "string", default: "" }, json: { type: "boolean" } } })
  const benches = await loadBenches(values.only)
  if (benches.length === 0) {
    process.stderr.write(`no bench is named ${JSON.stringify(values.only)}\n`)
    return EXIT.wrongUse
  }

  const measuredOn = environment()
  const rows: BenchRow[] = []
  for (const { name, bench } of benches) {
    process.stderr.write(`measuring ${name}\n`)
    rows.push(...(await measure(name, bench)))
  }

  const result = { ...measuredOn, rows }
  mkdirSync(join(here, "results"), { recursive: true })
  const file = join(here, "results", `${measuredOn.at.replaceAll(/[:.]/g, "-")}.json`)
  writeFileSync(file, `${JSON.stringify(result, undefined, 2)}\n`)
  if (values.json === true) process.stdout.write(`${JSON.stringify(result)}\n`)
  else {
    const { machine, node, commit, load } = measuredOn
    process.stdout.write(`${table(rows)}\n\n${machine}; Node ${node}; commit ${commit}; load ${load} at the start\n`)
  }
  return rows.every(({ ok }) => ok) ? EXIT.done : EXIT.checkFailed
}

process.exitCode = await main()
