/**
 * Source of the passphrase of a long-running process: a file or a pipe, because every program of the same user can read
 * the environment all that time.
 * @module
 */
import { existsSync } from "node:fs"
import { resolve } from "node:path"
import { firstLineOf, RequestError, readFirstLine } from "@nightlight/core"
import { readKeyFile } from "@nightlight/vault"
import type { Io } from "../terminal/io.ts"

/** A file (0600) whose first line is the passphrase, or the first line of standard input. */
export type PassphraseSource = { readonly file: string } | "stdin"

const MAX_CHARACTERS = 1024

/**
 * Reads it.
 *
 * @throws {RequestError} `passphrase_missing` if there is none, or no such file.
 * @throws {IntegrityError} `key_unusable` if the file is open to others.
 */
export async function readPassphraseFrom(source: PassphraseSource, { cwd }: Io): Promise<string> {
  const passphrase = source === "stdin" ? await readStdin() : await readPassphraseFile(resolve(cwd, source.file))
  if (passphrase === "") throw new RequestError("passphrase_missing", "the passphrase is empty")
  return passphrase
}

async function readPassphraseFile(path: string): Promise<string> {
  if (!existsSync(path)) throw new RequestError("passphrase_missing", `the passphrase file ${path} does not exist`)
  return firstLineOf(await readKeyFile(path, 0o077))
}

async function readStdin(): Promise<string> {
  const line = await readFirstLine(process.stdin, MAX_CHARACTERS)
  process.stdin.destroy()
  return line
}
