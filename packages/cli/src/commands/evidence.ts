/**
 * `nightlight evidence`: lists sealed evidence, and verifies that it opens to what was sealed. No command writes
 * plaintext.
 * @module
 */
import { EXIT } from "@nightlight/core"
import type { Command } from "commander"
import { withCounter } from "../terminal/counter-line.ts"
import { countOf, formatBytes, formatCount } from "../terminal/numbers.ts"
import { readPassphrase } from "../terminal/passphrase.ts"
import { addPassphraseOptions, type PassphraseFlags, passphraseSourceOf } from "../terminal/passphrase-options.ts"
import { formatTable } from "../terminal/table.ts"
import { type CommandContext, openCommandWorkspace, print } from "./context.ts"

interface Flags {
  readonly json?: boolean
}

/** The part of an item in its sealed file, as far as is known without opening it. */
const HELD = { sealed: "yes", located: "context only", received: "as received" } as const

/** Adds `nightlight evidence`. */
export function addEvidence(program: Command, context: CommandContext): void {
  const evidence = program.command("evidence").description("sealed evidence")
  evidence
    .command("ls")
    .description("list sealed evidence: ids, sizes and times, never content")
    .option("--json", "print the list as one JSON object")
    .action(async (flags: Flags, command: Command) => {
      const workspace = await openCommandWorkspace(command, context)
      const { listEvidence } = await import("@nightlight/dataset")
      const rows = await listEvidence(workspace)
      print(context.io, flags.json, { evidence: rows }, () =>
        rows.length === 0
          ? "Nothing is sealed.\n"
          : formatTable(
              [
                { heading: "Evidence" },
                { heading: "Content" },
                { heading: "Size", numeric: true },
                { heading: "Sealed" },
              ],
              rows.map((listing) =>
                listing.ok
                  ? [
                      listing.row.evidenceId.slice(0, 16),
                      HELD[listing.row.custody],
                      formatBytes(listing.row.sizeBytes),
                      listing.row.sealedAt,
                    ]
                  : [listing.evidenceId.slice(0, 16), `NOT TO BE TRUSTED: ${listing.code}`, "", ""],
              ),
            ),
      )
      context.done(EXIT.done)
    })
  const verify = evidence
    .command("verify")
    .description("open all evidence in memory with the workspace's keys and compare digests")
    .option("--json", "print the result as one JSON object")
  addPassphraseOptions(verify, "the keys'").action(async (flags: Flags & PassphraseFlags, command: Command) => {
    const { io } = context
    const workspace = await openCommandWorkspace(command, context)
    const { unlockIdentities, verifyEvidence } = await import("@nightlight/dataset")
    const identities = await unlockIdentities(workspace, await readPassphrase(io, passphraseSourceOf(flags)))
    const result = await withCounter(io, flags.json === true, "opened", (onProgress) =>
      verifyEvidence(workspace, identities, { signal: io.signal, onProgress }),
    )
    print(io, flags.json, result, () =>
      [
        `${countOf(result.sound, "item")} of ${formatCount(result.checked)} open and equal what was sealed.\n`,
        ...result.broken.map(({ evidenceId, code }) => `${evidenceId.slice(0, 16)}: ${code}\n`),
      ].join(""),
    )
    context.done(result.broken.length === 0 ? EXIT.done : EXIT.checkFailed)
  })
}
