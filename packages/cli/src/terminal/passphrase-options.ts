/**
 * Passphrase options for commands that may run for long: every program of the same user can read their environment all
 * that time.
 * @module
 */
import type { Command } from "commander"
import type { PassphraseSource } from "../up/passphrase-source.ts"

/** Values of the options. */
export interface PassphraseFlags {
  readonly passphraseFile?: string
  readonly passphraseStdin?: boolean
}

/** Adds them. @param whose - such as `the custodian's`. */
export function addPassphraseOptions(command: Command, whose: string): Command {
  return command
    .option("--passphrase-file <file>", `a file (0600) whose first line is ${whose} passphrase`)
    .option("--passphrase-stdin", `read ${whose} passphrase from the first line of standard input`)
}

/** Returns the source of the passphrase; `undefined` where neither option was given. */
export function passphraseSourceOf({ passphraseFile, passphraseStdin }: PassphraseFlags): PassphraseSource | undefined {
  if (passphraseStdin === true) return "stdin"
  return passphraseFile === undefined ? undefined : { file: passphraseFile }
}
