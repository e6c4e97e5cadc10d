import { join } from "node:path"

/**
 * Path of the private key that signs backups, beside its public key. No backup contains it, so write access to a folder
 * of backups is not enough to make one.
 */
export function backupKeyPath(dataDir: string): string {
  return join(dataDir, "keys", "backup.pem")
}
