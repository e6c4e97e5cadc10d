/**
 * The parts of the data folder's workspace that the server uses; the workspace may be made after the server was
 * started.
 * @module
 */
import { readFile } from "node:fs/promises"
import { isAbsolute, join } from "node:path"
import { compact, hasCode, RequestError, type Verifier } from "@nightlight/core"
import { type KeyedDigest, openKeyedDigest, openVerifier } from "@nightlight/vault/seal"
import { parseDocument } from "yaml"
import { z } from "zod"
import type { PolicyFile } from "./policies/policy-file.ts"
import type { Custody } from "./screen/keep-item.ts"

/** The parts of a workspace that the server uses, without any key that signs or opens. */
export interface WorkspaceParts {
  readonly verifier: Verifier
  /** Computes the codes of evidence rows. */
  readonly digests: KeyedDigest
  readonly custody: Custody
  readonly indexDir: string
  readonly evidenceDir: string
  /** Path of the signed manifest of recipients. */
  readonly manifest: string
}

/** The members of `nightlight.yaml` that concern the server; the workspace's own commands check the whole. */
const Config = z.object({
  policy: z.string().min(1).default("policy.yaml"),
  custody: z
    .object({ mode: z.enum(["locate", "seal"]).default("locate"), basis: z.string().nullable().default(null) })
    .default({ mode: "locate", basis: null }),
})

/**
 * Opens the parts.
 *
 * @throws {RequestError} `workspace_missing`, `config_invalid`.
 * @throws {IntegrityError} `key_unusable`.
 */
export async function openWorkspaceParts(root: string): Promise<WorkspaceParts> {
  const { custody } = await readConfig(join(root, "nightlight.yaml"))
  return {
    verifier: await openVerifier(join(root, "keys", "signing.pem.pub")),
    digests: await openKeyedDigest(join(root, "keys", "digest.key")),
    custody,
    indexDir: join(root, "index"),
    evidenceDir: join(root, "evidence"),
    manifest: join(root, "keys", "recipients.json"),
  }
}

/** The policy file that the workspace's configuration names, and the tests beside it. */
export function policyFileOf(root: string): PolicyFile {
  return {
    read: async () => {
      const { policy } = await readConfig(join(root, "nightlight.yaml"))
      const path = isAbsolute(policy) ? policy : join(root, policy)
      const text = await readText(path, "policy_invalid")
      const testsText = await readFile(path.replace(/\.ya?ml$/, ".tests.yaml"), "utf8").catch(() => undefined)
      return compact({ text, testsText })
    },
  }
}

async function readConfig(path: string): Promise<z.infer<typeof Config>> {
  const document = parseDocument(await readText(path, "workspace_missing"), { uniqueKeys: true })
  const parsed = document.errors.length > 0 ? undefined : Config.safeParse(document.toJS({ maxAliasCount: 0 }))
  if (parsed?.success === true) return parsed.data
  throw new RequestError("config_invalid", "nightlight.yaml of the data folder is not usable", {
    hint: "Run nightlight doctor to see what is wrong with it.",
  })
}

async function readText(path: string, missing: "workspace_missing" | "policy_invalid"): Promise<string> {
  return readFile(path, "utf8").catch((error: unknown) => {
    const code = hasCode(error, "ENOENT") ? missing : "config_invalid"
    throw new RequestError(code, "a file of the data folder's workspace is missing or cannot be read")
  })
}
