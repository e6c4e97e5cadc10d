/**
 * Where a passphrase comes from: the environment variable, or a prompt.
 * @module
 */
import { RequestError } from "@nightlight/core"
import type { PassphraseSource } from "../up/passphrase-source.ts"
import type { Io } from "./io.ts"
import { PASSPHRASE_VARIABLE } from "./process-io.ts"

/** Shortest passphrase for a new key, in characters. */
export const MIN_PASSPHRASE_LENGTH = 12

/**
 * Gets the passphrase of keys that exist.
 *
 * @param source - A file or a pipe, where one was named: then the environment must not hold it too.
 * @throws {RequestError} `passphrase_missing` if it is neither in the environment nor can be asked for; `input_invalid` if
 *   it was given in both ways.
 * @throws {IntegrityError} `key_unusable` as `readPassphraseFrom`.
 */
export async function readPassphrase(io: Io, source?: PassphraseSource): Promise<string> {
  if (source !== undefined) {
    assertNoPassphraseVariable(
      io,
      "Give the passphrase another way: unset the variable, as `env -u NIGHTLIGHT_PASSPHRASE` does.",
    )
    const { readPassphraseFrom } = await import("../up/passphrase-source.ts")
    return readPassphraseFrom(source, io)
  }
  const given = io.env[PASSPHRASE_VARIABLE] ?? (await io.askSecret("Passphrase: "))
  if (given === undefined || given === "") throw missing()
  return given
}

/**
 * Gets a passphrase for new keys; typed ones are asked for twice.
 *
 * @throws {RequestError} `passphrase_missing` as {@link readPassphrase}; `input_invalid` if it is too short, or the
 *   two differ.
 */
export async function chooseNewPassphrase(
  io: Io,
  mayAsk: boolean,
  given = io.env[PASSPHRASE_VARIABLE],
): Promise<string> {
  const chosen = given ?? (mayAsk ? await io.askSecret("Passphrase for the keys made here: ") : undefined)
  if (chosen === undefined || chosen === "") throw missing()
  if (chosen.length < MIN_PASSPHRASE_LENGTH) {
    throw new RequestError("input_invalid", `expected a passphrase of at least ${MIN_PASSPHRASE_LENGTH} characters`)
  }
  if (given === undefined && (await io.askSecret("Repeat it: ")) !== chosen) {
    throw new RequestError("input_invalid", "the two passphrases differ")
  }
  return chosen
}

/**
 * Refuses a passphrase in the environment of a command that runs until it is stopped: a program of the same user could
 * read it there all that time, also in the launcher of an older Node, which stays beside the command.
 */
export function assertNoPassphraseVariable({ env }: Io, instead: string): void {
  if (env[PASSPHRASE_VARIABLE] === undefined) return
  throw new RequestError("input_invalid", `this command does not read a passphrase from ${PASSPHRASE_VARIABLE}`, {
    hint: `While it runs, every program of this user could read the passphrase there. ${instead}`,
  })
}

function missing(): RequestError {
  return new RequestError("passphrase_missing", "a passphrase is needed, and there is no terminal to ask for it", {
    hint: `Set ${PASSPHRASE_VARIABLE} for this command, or run it in a terminal.`,
  })
}
