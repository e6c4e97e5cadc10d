/**
 * Compares a database's catalogue with the one that the migrations make.
 * @module
 */
import { IntegrityError } from "@nightlight/core"
import type { Catalogue, CatalogueEntry } from "./read-catalogue.ts"

/** A catalogue entry that differs from the migrations' one. */
export interface CatalogueDifference extends Omit<CatalogueEntry, "definition"> {
  readonly problem: "extra" | "missing" | "changed"
}

/**
 * Yields the entries that differ, in the order of the catalogue's kinds, which puts those that could act first in
 * front. Missing entries come last.
 */
export function* differences(found: Catalogue, expected: Catalogue): Generator<CatalogueDifference, void, void> {
  const wanted = countsOf(expected.entries)
  const wantedNames = new Set(expected.entries.map(nameOf))
  for (const entry of found.entries) {
    const left = wanted.get(keyOf(entry)) ?? 0
    if (left === 0) yield toDifference(entry, wantedNames.has(nameOf(entry)) ? "changed" : "extra")
    wanted.set(keyOf(entry), left - 1)
  }
  const foundNames = new Set(found.entries.map(nameOf))
  for (const entry of expected.entries) {
    if (!foundNames.has(nameOf(entry))) yield toDifference(entry, "missing")
  }
}

/**
 * Checks that a catalogue is the one that the migrations make.
 *
 * @throws {IntegrityError} `backup_untrusted`, naming the first entry that differs.
 */
export function assertSameCatalogue(found: Catalogue, expected: Catalogue): void {
  const [difference] = differences(found, expected)
  if (difference === undefined) return
  const { database, kind, name, problem } = difference
  const place = database === "" ? "the cluster" : `database ${database}`
  throw new IntegrityError("backup_untrusted", `${problem} ${kind} in ${place}: ${shown(name)}`, {
    details: { problem, kind },
    hint: "No migration makes the database like this. Nothing was changed; look at the running database and at who can write to it.",
  })
}

/** Makes a catalogue name, which may be any text, short and safe for a terminal. */
function shown(name: string): string {
  return name.replace(/[^\x20-\x7e]/g, "?").slice(0, 200)
}

function toDifference({ database, kind, name }: CatalogueEntry, problem: CatalogueDifference["problem"]) {
  return { database, kind, name, problem }
}

function countsOf(entries: readonly CatalogueEntry[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const entry of entries) counts.set(keyOf(entry), (counts.get(keyOf(entry)) ?? 0) + 1)
  return counts
}

const nameOf = ({ database, kind, name }: CatalogueEntry) => [database, kind, name].join("\t")
const keyOf = (entry: CatalogueEntry) => [nameOf(entry), entry.definition].join("\t")
