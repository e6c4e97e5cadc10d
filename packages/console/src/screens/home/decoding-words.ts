import type { HomeView } from "@nightlight/contract/server"
import { health as words } from "./words-health.ts"

/** How one process decodes media. */
export type Decoding = NonNullable<HomeView["health"]>["decoding"]["server"]

/** How far a process isolates the decoding of media, and the consequence if it does not. */
export function decodingWords({ isolation, state }: Decoding): string {
  return words.decoding[isolation] + words.notIsolated[state]
}
