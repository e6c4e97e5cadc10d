/**
 * DuckDB: writes test files that no code of ours wrote, and reads ours.
 */
import { DuckDBInstance } from "@duckdb/node-api"

/** Runs statements, and returns the rows of the last one. */
export async function duckdb(...statements: readonly string[]): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const instance = await DuckDBInstance.create(":memory:")
  const connection = await instance.connect()
  try {
    let rows: readonly Readonly<Record<string, unknown>>[] = []
    for (const statement of statements) {
      const result = await connection.runAndReadAll(statement)
      rows = result.getRowObjectsJson() as readonly Readonly<Record<string, unknown>>[]
    }
    return rows
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

/** A blob as DuckDB's SQL writes it. */
export function blob(bytes: Uint8Array): string {
  return `'${[...bytes].map((byte) => `\\x${byte.toString(16).padStart(2, "0").toUpperCase()}`).join("")}'::BLOB`
}
