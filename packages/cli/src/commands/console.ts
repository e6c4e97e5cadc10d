/**
 * `nightlight console`: compares the console that a server serves with the one that was built.
 * @module
 */
import { resolve } from "node:path"
import { EXIT, inert, RequestError } from "@nightlight/core"
import type { ConsoleCheck, ConsoleDifference } from "@nightlight/server/console"
import type { Command } from "commander"
import { type CommandContext, print } from "./context.ts"

interface Flags {
  readonly built?: string
  readonly json?: boolean
}

const WORDS: Readonly<Record<ConsoleDifference["kind"], string>> = {
  differs: "differs from the build",
  extra: "is not part of the build",
  missing: "is missing",
  policy: "is served with a policy that lets other scripts run",
}

/** Adds `nightlight console`. */
export function addConsole(program: Command, context: CommandContext): void {
  const consoleCommand = program.command("console").description("the console's files")
  consoleCommand
    .command("verify")
    .description("compare a server's console, or one in a folder, with the one installed here")
    .argument("<url-or-folder>", "an https address, http on this machine, or a folder")
    .option("--built <folder>", "compare with this build instead of the installed one")
    .option("--json", "print the result as one JSON object")
    .action(async (target: string, { built, json }: Flags) => {
      const { io } = context
      const { manifestDigest, readConsoleManifest, verifyConsoleAt, verifyConsoleFolder } = await import(
        "@nightlight/server/console"
      )
      const manifest = await readConsoleManifest(built === undefined ? await installed() : resolve(io.cwd, built))
      const isAddress = /^[a-z][a-z0-9+.-]*:\/\//i.test(target)
      const check = isAddress
        ? await verifyConsoleAt(target, manifest)
        : await verifyConsoleFolder(resolve(io.cwd, target), manifest)
      const digest = manifestDigest(manifest)
      print(io, json, { ...check, digest }, () => wordsOf(check, digest, isAddress))
      context.done(check.ok ? EXIT.done : EXIT.checkFailed)
    })
}

async function installed(): Promise<string> {
  const { findConsole } = await import("../up/console.ts")
  const dir = await findConsole()
  if (dir !== undefined) return dir
  throw new RequestError("not_found", "there is no built console to compare with", {
    hint: 'Run "npm run build" in Nightlight\'s folder, or name a build with --built.',
  })
}

function wordsOf({ ok, files, differences }: ConsoleCheck, digest: string, isAddress: boolean): string {
  if (!ok) return differences.map(({ path, kind }) => `${inert(path)} ${WORDS[kind]}\n`).join("")
  const limit = isAddress
    ? "A server can serve other bytes to someone else: this is what it served here and now.\n"
    : ""
  return `All ${files} files equal those of the build with the digest ${digest}.\n${limit}`
}
