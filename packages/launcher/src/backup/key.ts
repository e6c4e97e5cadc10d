import { join } from "node:path"

/**
 * Path of the private half of the key that signs backups; the public half lies beside it. It is in no backup: whoever may
 * write to a folder of backups cannot make one.
 */
export function backupKeyPath(dataDir: string): string {
  return join(dataDir, "keys", "backup.pem")
}
