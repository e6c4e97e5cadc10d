/**
 * Options by which a command that may run for long is given its passphrase: what stands in its environment can be read by
 * every program of the same user as long as it runs.
 * @module
 */
import type { Command } from "commander"
import type { PassphraseSource } from "../up/passphrase-source.ts"

/** What the options come to. */
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

/** Where the passphrase comes from; `undefined` where neither was given. */
export function passphraseSourceOf({ passphraseFile, passphraseStdin }: PassphraseFlags): PassphraseSource | undefined {
  if (passphraseStdin === true) return "stdin"
  return passphraseFile === undefined ? undefined : { file: passphraseFile }
}
