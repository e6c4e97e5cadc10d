/**
 * A reservation of the folder of a clean copy: between the plan of a scan and its merge, tasks on many machines write to
 * it, and none of them holds a claim.
 * @module
 */
import { readFileSync } from "node:fs"
import { mkdir, rm } from "node:fs/promises"
import { join } from "node:path"
import { DependencyError, hasCode } from "@nightlight/core"
import { writeFileAtomic } from "@nightlight/durable"
import type { KeyedDigest } from "@nightlight/vault"
import type { ScanRecord } from "../scan/scan-record.ts"

/** Begins as every name in an output that is no part of the copy. */
export const RESERVATION_NAME = ".nightlight-plan"

/** Who reserves an output: a scan, by a digest that does not name it. A copy of a workspace begins other scans. */
export function reservationOf(keyed: KeyedDigest, { scan, startedAt }: Pick<ScanRecord, "scan" | "startedAt">): string {
  return keyed.of("output-reservation", `${scan}\n${startedAt}`)
}

/**
 * Reserves an output, until it is released; repeating it is safe. The caller holds the output's claim.
 *
 * @throws {DependencyError} `locked` if it is reserved for another scan; `disk_full`, `write_failed`.
 */
export async function reserveOutput(outDir: string, owner: string): Promise<void> {
  const present = readReservation(outDir)
  if (present === owner) return
  if (present !== undefined) throw reservedForAnother()
  await mkdir(outDir, { recursive: true })
  await writeFileAtomic(join(outDir, RESERVATION_NAME), `${owner}\n`, 0o644)
}

/** The error where an output is reserved for another scan. */
export function reservedForAnother(): DependencyError {
  return new DependencyError("locked", "the output is reserved for the plan of another scan", {
    hint: "Choose another --out, or wait until that plan is merged.",
  })
}

/** Whether an output is reserved for this owner. */
export function isReservedFor(outDir: string, owner: string): boolean {
  return readReservation(outDir) === owner
}

/** Ends a reservation of this owner, if there is one. */
export async function releaseOutput(outDir: string, owner: string): Promise<void> {
  if (isReservedFor(outDir, owner)) await rm(join(outDir, RESERVATION_NAME), { force: true })
}

function readReservation(outDir: string): string | undefined {
  try {
    return readFileSync(join(outDir, RESERVATION_NAME), "utf8").trim()
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined
    throw new DependencyError("write_failed", "the reservation of the output cannot be read")
  }
}
