/**
 * `nightlight provenance`: where a picture comes from.
 * @module
 */
import { availableParallelism } from "node:os"
import { resolve } from "node:path"
import { EXIT, inert } from "@nightlight/core"
import { type Command, InvalidArgumentError } from "commander"
import { type CommandContext, openCommandWorkspace, print } from "./context.ts"

interface AttributeFlags {
  readonly radius: number
  readonly json?: boolean
}

/** A hash below this quality is too unreliable to search for. */
const MIN_QUALITY = 50
const RADIUS_BITS = 31

/** Adds `nightlight provenance`. */
export function addProvenance(program: Command, context: CommandContext): void {
  program
    .command("provenance")
    .description("where a picture comes from")
    .command("attribute")
    .description("show whether pictures were made here, by the generation log")
    .argument("<file...>", "pictures")
    .option("--radius <bits>", "greatest distance of PDQ hashes, 0 to 64", parseRadius, RADIUS_BITS)
    .option("--json", "print the answer as one JSON object")
    .action(async (files: string[], flags: AttributeFlags, command: Command) => {
      const { io } = context
      const { layout } = await openCommandWorkspace(command, context)
      const { openFingerprinter } = await import("@nightlight/screening")
      const { findGenerations } = await import("@nightlight/provenance")
      const paths = files.map((file) => resolve(io.cwd, file))
      await using fingerprinter = await openFingerprinter({
        readRoots: paths,
        processes: Math.min(paths.length, availableParallelism()),
        profile: "fullres",
        kernel: "exact",
      })
      const seen = await Promise.all(paths.map((path) => fingerprinter.fingerprint({ kind: "file", path }, io.signal)))
      const views = seen.map(({ picture }) => (picture?.views ?? []).filter(({ quality }) => quality >= MIN_QUALITY))
      // A copy may be rotated: the log has pictures as they were made.
      const queries = views.flatMap((viewsOfFile, queryId) =>
        viewsOfFile.flatMap(({ dihedral }) => dihedral.map((pdq) => ({ queryId, pdq }))),
      )
      const { found, searched, malformed } = await findGenerations(layout.generations, queries, {
        radiusBits: flags.radius,
      })
      const answers = files.map((file, index) => ({
        file,
        isReadable: (views[index]?.length ?? 0) > 0,
        generations: found.flatMap(({ queryId, ...generation }) => (queryId === index ? [generation] : [])),
      }))
      print(io, flags.json, { searched, malformed, radiusBits: flags.radius, files: answers }, () =>
        answers.map(toText).join(""),
      )
      context.done(answers.every(({ isReadable }) => isReadable) ? EXIT.done : EXIT.checkFailed)
    })
}

interface Answer {
  readonly file: string
  readonly isReadable: boolean
  readonly generations: readonly {
    readonly generationId: string
    readonly model: string
    readonly at: string
    readonly distanceBits: number
  }[]
}

function toText({ file, isReadable, generations }: Answer): string {
  const lines = generations.map(
    ({ generationId, model, at, distanceBits }) => `  ${at}  ${inert(model)}  ${distanceBits} bits  ${generationId}\n`,
  )
  const verdict = isReadable
    ? lines.length > 0
      ? "made here, or nearly the same:"
      : "not in the log"
    : "no hash to search for"
  return `${inert(file)}: ${verdict}\n${lines.join("")}`
}

function parseRadius(text: string): number {
  const bits = Number(text)
  if (/^\d{1,2}$/.test(text) && bits <= 64) return bits
  throw new InvalidArgumentError("expected 0 to 64")
}
