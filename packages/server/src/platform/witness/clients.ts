/**
 * Clients whose checkpoints a witness stores: `clients.json` in its folder, with one entry for each: the public keys
 * that must sign its lines, and the digest of the bearer key of its calls.
 * @module
 */
import { createHash, randomBytes } from "node:crypto"
import { readFile, stat } from "node:fs/promises"
import { join } from "node:path"
import { compact, hasCode, IntegrityError, RequestError } from "@nightlight/core"
import { ensureDirPrivate, withLock, writeFileAtomic } from "@nightlight/durable"
import { type CheckpointKeys, readCheckpointKeys } from "@nightlight/vault/audit"
import { z } from "zod"

/** A client whose checkpoint lines a witness stores. */
export interface WitnessClient {
  readonly name: string
  readonly keys: CheckpointKeys
}

/** The clients, read from the file at each call. */
export interface WitnessClients {
  /** The client with this bearer key. */
  find(bearer: string): Promise<WitnessClient | undefined>
}

/** Input of {@link addWitnessClient}. */
export interface NewWitnessClient {
  /** Lower-case letters, digits and `-`; also the name of the folder of its lines. */
  readonly name: string
  /** Public half of the client's checkpoint key, followed by its handovers, if any. */
  readonly publicKey: string
  /** For an existing client: whether to make another bearer key. */
  readonly anotherKey?: boolean
}

const MAX_CLIENTS = 64
const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/

const Clients = z.strictObject({
  clients: z.array(z.strictObject({ name: z.string().regex(NAME), sha256: z.string(), publicKey: z.string() })),
})
type Entry = z.infer<typeof Clients>["clients"][number]

/**
 * Adds a client, or the later handovers of an existing client's key.
 *
 * @returns The bearer key of its calls, if one was made: it is shown once and stored as its digest.
 * @throws {RequestError} `input_invalid` for a bad name; `state_conflict` beyond 64 clients, or if the public key does
 *   not begin with the stored one.
 * @throws {IntegrityError} `key_unusable` if the key is malformed.
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
    if (before === undefined && clients.length >= MAX_CLIENTS) {
      throw new RequestError("state_conflict", `a witness has at most ${MAX_CLIENTS} clients`)
    }
    if (before !== undefined && !publicKey.startsWith(before.publicKey)) {
      throw new RequestError("state_conflict", "this client has another key", {
        hint: "Its file must begin with its first key, followed by the handovers.",
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
