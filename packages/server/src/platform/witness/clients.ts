/**
 * Whose checkpoints a witness keeps: `clients.json` in its folder, one entry for each, with the public keys that their
 * lines must be signed by and the digest of the key that their calls bear.
 * @module
 */
import { createHash, randomBytes } from "node:crypto"
import { readFile, stat } from "node:fs/promises"
import { join } from "node:path"
import { compact, hasCode, IntegrityError, RequestError } from "@nightlight/core"
import { ensureDirPrivate, withLock, writeFileAtomic } from "@nightlight/durable"
import { type CheckpointKeys, readCheckpointKeys } from "@nightlight/vault/audit"
import { z } from "zod"

/** Somebody whose checkpoints are kept. */
export interface WitnessClient {
  readonly name: string
  readonly keys: CheckpointKeys
}

/** The clients, as the file says at each call. */
export interface WitnessClients {
  /** The one whose calls bear this key. */
  find(bearer: string): Promise<WitnessClient | undefined>
}

export interface NewWitnessClient {
  /** Lower-case letters, digits and `-`: also the name of the folder that its lines lie in. */
  readonly name: string
  /** Public half of the client's checkpoint key, with the handovers behind it if there are any. */
  readonly publicKey: string
  /** For a client that is there: whether its calls are to bear another key from now on. */
  readonly anotherKey?: boolean
}

const MOST_CLIENTS = 64
const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/

const Clients = z.strictObject({
  clients: z.array(z.strictObject({ name: z.string().regex(NAME), sha256: z.string(), publicKey: z.string() })),
})
type Entry = z.infer<typeof Clients>["clients"][number]

/**
 * Adds a client, or takes the handovers that came behind the key of one that is there.
 *
 * @returns The key that its calls bear, where one was made: it is shown once and kept as its digest.
 * @throws {RequestError} `input_invalid` for a bad name; `state_conflict` beyond 64 clients, or if the
 *   public key is not the one that is there, with or without more behind it.
 * @throws {IntegrityError} `key_unusable` if it is no such key.
 */
export async function addWitnessClient(dir: string, client: NewWitnessClient): Promise<{ readonly key?: string }> {
  const { name, publicKey, anotherKey = false } = client
  if (!NAME.test(name)) {
    throw new RequestError("input_invalid", "expected a name of lower-case letters, digits and -", {
      details: { name },
    })
  }
  readCheckpointKeys(publicKey)
  await ensureDirPrivate(dir)
  return withLock(join(dir, "clients.lock"), async () => {
    const { clients } = await readClients(dir)
    const before = clients.find((one) => one.name === name)
    if (before === undefined && clients.length >= MOST_CLIENTS) {
      throw new RequestError("state_conflict", `a witness has at most ${MOST_CLIENTS} clients`)
    }
    if (before !== undefined && !publicKey.startsWith(before.publicKey)) {
      throw new RequestError("state_conflict", "this client's lines are signed by another key", {
        hint: "Its file begins with the key that it had first; handovers stand behind it.",
      })
    }
    const key = before === undefined || anotherKey ? `nlw-${randomBytes(32).toString("base64url")}` : undefined
    const entry: Entry = { name, sha256: key === undefined ? (before?.sha256 ?? "") : digestOf(key), publicKey }
    const others = clients.filter((one) => one.name !== name)
    await writeFileAtomic(pathOf(dir), `${JSON.stringify({ clients: [...others, entry] }, undefined, 2)}\n`, 0o600)
    return compact({ key })
  })
}

/** Opens the clients of a witness's folder. */
export function openWitnessClients(dir: string): WitnessClients {
  let seen = ""
  let byDigest: ReadonlyMap<string, WitnessClient> = new Map()
  return {
    async find(bearer) {
      const now = await stampOf(pathOf(dir))
      if (now !== seen) {
        const { clients } = await readClients(dir)
        byDigest = new Map(
          clients.map(({ name, sha256, publicKey }) => [sha256, { name, keys: readCheckpointKeys(publicKey) }]),
        )
        seen = now
      }
      return byDigest.get(digestOf(bearer))
    },
  }
}

function pathOf(dir: string): string {
  return join(dir, "clients.json")
}

function digestOf(key: string): string {
  return createHash("sha256").update(key).digest("hex")
}

/** Changes whenever the file is replaced. */
async function stampOf(path: string): Promise<string> {
  return stat(path, { bigint: true }).then(
    ({ mtimeNs, ino, size }) => `${mtimeNs}-${ino}-${size}`,
    () => "none",
  )
}

async function readClients(dir: string): Promise<z.infer<typeof Clients>> {
  try {
    return Clients.parse(JSON.parse(await readFile(pathOf(dir), "utf8")))
  } catch (error) {
    if (hasCode(error, "ENOENT")) return { clients: [] }
    throw new IntegrityError("key_unusable", "the witness's clients.json cannot be read")
  }
}
