import { existsSync } from "node:fs"

/** Where programs that make namespaces stand; the search path of whoever started us is not asked. */
const FOLDERS = ["/usr/bin", "/bin", "/usr/local/bin", "/usr/sbin", "/sbin"]

/** Path of a program of the system, if it is there. */
export function systemProgram(name: string): string | undefined {
  return FOLDERS.map((folder) => `${folder}/${name}`).find((path) => existsSync(path))
}
