import type { KeyedDigest } from "@nightlight/vault/seal"

/** The key that seals a workspace's spools: 32 bytes, from the workspace's digest key. */
export function spoolKey(keyed: KeyedDigest): Uint8Array {
  return Buffer.from(keyed.of("guard-spool", "records"), "hex")
}
