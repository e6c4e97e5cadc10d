/**
 * `nightlight hash`: digests and PDQ of files, one line each.
 * @module
 */
import { stat } from "node:fs/promises"
import { availableParallelism } from "node:os"
import { resolve } from "node:path"
import { compact, EXIT, type Fingerprint, hasCode, inert, RequestError } from "@nightlight/core"
import { type Command, Option } from "commander"
import type { CommandContext } from "./context.ts"

interface HashFlags {
  readonly profile: "fullres" | "ref512nn"
  readonly json?: boolean
}

/** Adds `nightlight hash`. */
export function addHash(program: Command, context: CommandContext): void {
  program
    .command("hash")
    .description("print md5, sha1, sha256 and PDQ of files; needs no workspace")
    .argument("<file...>", "files of any type")
    .addOption(
      new Option("--profile <name>", "fullres hashes every pixel; ref512nn first stretches to 512x512")
        .choices(["fullres", "ref512nn"])
        .default("fullres"),
    )
    .option("--json", "print NDJSON, one line for each file")
    .action(async (files: string[], flags: HashFlags) => {
      const { io } = context
      const { openFingerprinter } = await import("@nightlight/screening")
      for (const file of files) await assertFile(resolve(io.cwd, file), file)
      const paths = files.map((file) => resolve(io.cwd, file))
      await using fingerprinter = await openFingerprinter({
        readRoots: paths,
        processes: Math.min(paths.length, availableParallelism()),
        profile: flags.profile,
        kernel: "exact",
      })
      let failed = 0
      const results = paths.map((path) => fingerprinter.fingerprint({ kind: "file", path }, io.signal))
      for (const [position, pending] of results.entries()) {
        const fingerprint = await pending
        const file = files[position] ?? ""
        if (fingerprint.inconclusive === "source_unreadable") failed++
        io.out(flags.json === true ? `${JSON.stringify(toLine(file, fingerprint))}\n` : toText(file, fingerprint))
      }
      context.done(failed === 0 ? EXIT.done : EXIT.retryable)
    })
}

/** Refuses a missing file or a folder before anything is printed about the others. */
async function assertFile(path: string, typed: string): Promise<void> {
  const found = await stat(path).catch((error: unknown) => {
    if (hasCode(error, "ENOENT") || hasCode(error, "ENOTDIR"))
      throw new RequestError("not_found", `there is no ${typed}`)
    // One that cannot be read is said so in its line.
    return undefined
  })
  if (found?.isDirectory() !== true) return
  throw new RequestError("input_invalid", `${typed} is a folder, and hash reads files`, {
    hint: "Name its files, or screen the folder with nightlight scan.",
  })
}

function toLine(file: string, fingerprint: Fingerprint) {
  const { md5, sha1, sha256, mediaType, picture, inconclusive } = fingerprint
  if (inconclusive === "source_unreadable") return { file, error: inconclusive }
  const view = picture?.views[0]
  return compact({
    file,
    md5,
    sha1,
    sha256,
    mediaType,
    pdq:
      picture === undefined || view === undefined
        ? null
        : { hash: view.pdq, quality: view.quality, profile: picture.profile },
    inconclusive,
  })
}

function toText(file: string, fingerprint: Fingerprint): string {
  const line = toLine(file, fingerprint)
  if ("error" in line) return `${inert(file)}\n  cannot be read\n`
  const pdq = line.pdq === null ? "none" : `${line.pdq.hash}  quality ${line.pdq.quality}, ${line.pdq.profile}`
  return [
    inert(file),
    `  type    ${line.mediaType}${line.inconclusive === undefined ? "" : `, ${line.inconclusive}`}`,
    `  md5     ${line.md5}`,
    `  sha1    ${line.sha1}`,
    `  sha256  ${line.sha256}`,
    `  pdq     ${pdq}`,
    "",
  ].join("\n")
}
