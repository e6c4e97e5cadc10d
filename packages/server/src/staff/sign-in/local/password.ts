/**
 * Passwords: rules for new ones, and how they are stored: scrypt (RFC 7914) with its parameters beside the hash, so
 * that they can be raised later.
 * @module
 */
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto"
import { RequestError } from "@nightlight/core"

/** Shortest password, characters. */
export const PASSWORD_MIN_LENGTH = 12

const HASH_BYTES = 32
const SALT_BYTES = 16
const LONGEST_UNIT = 4
const FEWEST_DISTINCT = 5
const STORED = /^scrypt\$(\d+)\$(\d+)\$(\d+)\$([A-Za-z0-9_-]+)\$([A-Za-z0-9_-]+)$/
/** Each hash takes 128 MiB: at most two run at once, with a bounded queue. */
const RUNNING = 2
const WAITING = 32

/**
 * Refuses a password that a person would guess in the first hundred tries. A list of known passwords is not needed: the
 * authenticator's code is required as well, and tries are throttled.
 *
 * @throws {RequestError} `input_invalid`, saying what is wrong and never the password.
 */
export function assertGoodPassword(password: string, email: string): void {
  const text = password.normalize("NFKC")
  const characters = Array.from(text.toLowerCase())
  if (characters.length < PASSWORD_MIN_LENGTH) throw weak(`is shorter than ${PASSWORD_MIN_LENGTH} characters`)
  if (new Set(characters).size < FEWEST_DISTINCT) throw weak("uses too few different characters")
  if (isRepeated(characters)) throw weak("repeats itself")
  if (isSequence(characters)) throw weak("is a sequence")
  const lower = characters.join("")
  const local = email.split("@")[0] ?? ""
  if (lower === email || (local.length >= 4 && lower.replace(/[^\p{L}]/gu, "") === local.replace(/[^\p{L}]/gu, ""))) {
    throw weak("is the e-mail address")
  }
}

function isRepeated(characters: readonly string[]): boolean {
  for (let unit = 1; unit <= LONGEST_UNIT; unit++) {
    if (characters.every((character, index) => character === characters[index % unit])) return true
  }
  return false
}

/** Whether nearly every character is the neighbour of the one before it: `abcdefghijkl`, `210987654321`. */
function isSequence(characters: readonly string[]): boolean {
  const codes = characters.map((character) => character.codePointAt(0) ?? 0)
  const steps = codes.slice(1).map((code, index) => code - (codes[index] ?? 0))
  const longest = Math.max(...[1, -1].map((step) => steps.filter((found) => found === step).length))
  return longest >= steps.length - 2
}

function weak(why: string): RequestError {
  return new RequestError("input_invalid", `this password ${why}: choose another`)
}

/** scrypt hashes of passwords. Few are computed at a time, since each needs much memory. */
export interface Passwords {
  /** Hashes a new password; the text contains salt and parameters. */
  hash(password: string): Promise<string>
  /**
   * Whether a password matches the stored hash. Without a stored hash it takes the same time and returns `false`.
   *
   * @throws {RequestError} `too_many_requests` if too many wait already.
   */
  verify(password: string, kept: string | undefined): Promise<boolean>
}

/**
 * Makes the hasher.
 *
 * @param logN - Binary logarithm of scrypt's N, with r = 8 and p = 1.
 */
export function createPasswords(logN: number): Passwords {
  const derive = limited(deriveKey)
  const unknown = `scrypt$${logN}$8$1$${randomBytes(SALT_BYTES).toString("base64url")}$${"A".repeat(43)}`
  return {
    hash: async (password) => {
      const salt = randomBytes(SALT_BYTES)
      const key = await derive(password, salt, { logN, r: 8, p: 1 })
      return `scrypt$${logN}$8$1$${salt.toString("base64url")}$${key.toString("base64url")}`
    },
    verify: async (password, kept) => {
      const [, keptLogN, r, p, salt = "", hash = ""] = STORED.exec(kept ?? unknown) ?? []
      const cost = { logN: Number(keptLogN), r: Number(r), p: Number(p) }
      const key = await derive(password, Buffer.from(salt, "base64url"), cost)
      const expected = Buffer.from(hash, "base64url")
      return expected.length === key.length && timingSafeEqual(expected, key) && kept !== undefined
    },
  }
}

interface Cost {
  readonly logN: number
  readonly r: number
  readonly p: number
}

function deriveKey(password: string, salt: Buffer, { logN, r, p }: Cost): Promise<Buffer> {
  const options: ScryptOptions = { N: 2 ** logN, r, p, maxmem: 2 ** logN * r * 128 * 2 }
  return new Promise((resolve, reject) => {
    scrypt(password.normalize("NFKC"), salt, HASH_BYTES, options, (error, key) => {
      if (error === null) resolve(key)
      else reject(error)
    })
  })
}

function limited<Args extends readonly unknown[], Result>(
  work: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  let running = 0
  const waiting: (() => void)[] = []
  return async (...args) => {
    if (running >= RUNNING) {
      if (waiting.length >= WAITING) {
        throw new RequestError("too_many_requests", "too many people are signing in at once: try again", {
          details: { retryAfterSeconds: 5 },
        })
      }
      // Hands the slot to the next in the queue, so the count does not change.
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else running++
    try {
      return await work(...args)
    } finally {
      const next = waiting.shift()
      if (next === undefined) running--
      else next()
    }
  }
}
