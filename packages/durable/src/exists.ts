import { access } from "node:fs/promises"

/** Whether there is something by this name, as far as this process may look. */
export function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
