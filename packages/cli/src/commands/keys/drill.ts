/**
 * `nightlight keys drill`: proves that each key that evidence is sealed to opens it.
 * @module
 */
import { EXIT } from "@nightlight/core"
import type { Command } from "commander"
import { readPassphrase } from "../../terminal/passphrase.ts"
import { formatTable } from "../../terminal/table.ts"
import { type CommandContext, openCommandWorkspace, print } from "../context.ts"

interface DrillFlags {
  readonly identity?: readonly string[]
  readonly json?: boolean
}

/** Adds `nightlight keys drill`. */
export function addDrill(keys: Command, context: CommandContext): void {
  keys
    .command("drill")
    .description("prove that each recipient's key opens the evidence without the others")
    .option(
      "--identity <file>",
      "a private half kept elsewhere, encrypted under the same passphrase; may be repeated",
      (value: string, previous: readonly string[] | undefined) => [...(previous ?? []), value],
    )
    .option("--json", "print the result as one JSON object")
    .action(async (flags: DrillFlags, command: Command) => {
      const { io } = context
      const workspace = await openCommandWorkspace(command, context)
      const { drillKeys, unlockIdentities } = await import("@nightlight/dataset")
      const identities = await unlockIdentities(workspace, await readPassphrase(io), flags.identity ?? [])
      const recipients = await drillKeys(workspace, identities)
      const proven = recipients.every((recipient) => recipient.ok)
      print(
        io,
        flags.json,
        { proven, recipients },
        () =>
          formatTable(
            [
              { heading: "Recipient" },
              { heading: "Role" },
              { heading: "Opens" },
              { heading: "Evidence", numeric: true },
            ],
            recipients.map(({ id, role, ok, code, evidenceOpened }) => [
              id,
              role,
              ok ? "yes" : `NO: ${code ?? "unknown"}`,
              String(evidenceOpened),
            ]),
          ) +
          (proven
            ? "Every key opens the evidence.\n"
            : "Evidence may be lost with the other keys: correct this before the next scan.\n"),
      )
      context.done(proven ? EXIT.done : EXIT.checkFailed)
    })
}
