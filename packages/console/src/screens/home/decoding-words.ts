import type { HomeView } from "@nightlight/contract/server"
import { health as words } from "./words-health.ts"

/** How one process decodes. */
export type Decoding = NonNullable<HomeView["health"]>["decoding"]["server"]

/** How far decoding is isolated in one process, and what follows where it is not. */
export function decodingWords({ isolation, state }: Decoding): string {
  return words.decoding[isolation] + words.notIsolated[state]
}
