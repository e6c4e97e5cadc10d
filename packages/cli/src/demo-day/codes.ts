import { actOn } from "../up/one-shot.ts"

/** Makes the codes that links open with, as `nightlight people code` does; by person. */
export async function makeCodes(dataDir: string, people: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { codes } = await actOn(dataDir, {}, { name: "joining-codes", people })
  const made = codes as readonly { readonly person: string; readonly code: string }[]
  return new Map(made.map(({ person, code }) => [person, code]))
}
