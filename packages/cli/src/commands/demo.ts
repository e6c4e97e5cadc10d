/**
 * `nightlight demo`: the main job on generated pictures; needs no workspace.
 * @module
 */
import { join, relative, resolve } from "node:path"
import { EXIT, inert } from "@nightlight/core"
import type { ScreeningResult } from "@nightlight/demo"
import type { Command } from "commander"
import { openCounter } from "../terminal/counter-line.ts"
import type { Io } from "../terminal/io.ts"
import { countOf, formatCount } from "../terminal/numbers.ts"
import { parseCount } from "../terminal/parse-option.ts"
import { openScanProgress } from "../terminal/scan-progress.ts"
import { formatSummary } from "../terminal/scan-summary.ts"
import { type CommandContext, print } from "./context.ts"

interface DemoFlags {
  readonly pictures: number
  readonly json?: boolean
}

/** Adds `nightlight demo`. */
export function addDemo(program: Command, context: CommandContext): void {
  program
    .command("demo")
    .description("demonstrate a scan: make a dataset of generated pictures, some of them listed, and screen it")
    .argument("[folder]", "the demonstration's folder", "nightlight-demo")
    .option("--pictures <n>", "number of pictures that are on no list", parseCount, 2_000)
    .option("--json", "print the result as one JSON object")
    .action(async (folder: string, flags: DemoFlags) => {
      const { io } = context
      const { demonstrateScan } = await import("@nightlight/demo")
      const { readHashList } = await import("@nightlight/exchanges")
      const isQuiet = flags.json === true
      if (!isQuiet) io.err("Making a dataset of generated shapes that contains copies of listed ones\n")
      const counter = openCounter(io, isQuiet, "pictures made")
      const teller = await openScanProgress(io, isQuiet)
      const watcher = {
        ...teller.watcher,
        onMade: (done: number, total: number) => (done === total ? counter.close() : counter.update(done)),
      }
      const request = { folder: resolve(io.cwd, folder), pictures: flags.pictures, readList: readHashList }
      const result = await demonstrateScan(request, watcher, io.signal).finally(() => teller.close())
      print(io, flags.json, toJson(result), () => formatDemo(result, io))
      context.done(result.missed === 0 ? EXIT.done : EXIT.checkFailed)
    })
}

function toJson({ report, dataset, workspace, clean, planted, missed }: ScreeningResult) {
  return { report, dataset, workspace, clean, planted, missed }
}

function formatDemo(result: ScreeningResult, io: Io): string {
  const { report, dataset, workspace, clean, planted, missed } = result
  const near = (path: string) => inert(relative(io.cwd, path) || ".")
  return [
    formatSummary(result),
    "",
    `Planted   ${countOf(planted, "copy", "copies")} of listed pictures: the same file, re-encoded, resized,`,
    "          mirrored, turned, letterboxed",
    missed === 0
      ? `          all ${formatCount(planted)} withheld; ${formatCount(report.clean?.itemsWritten ?? 0)} clear items copied`
      : `          ${formatCount(missed)} MISSED: please report this`,
    "",
    `Look at   ${near(join(result.folder, "report.html"))}`,
    `Dataset   ${near(dataset)}`,
    `Clean     ${near(clean)}`,
    `Workspace ${near(workspace)} (passphrase: nightlight demonstration)`,
    "",
    "With your own data:",
    "  nightlight init",
    "  nightlight lists import hashes.csv --name our-list --trust trusted",
    "  nightlight scan ./their-data --out ./clean",
    "",
  ].join("\n")
}
