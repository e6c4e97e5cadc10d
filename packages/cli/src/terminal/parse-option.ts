import { InvalidArgumentError } from "commander"

/** Reads a whole number of at least 1. */
export function parseCount(text: string): number {
  return parseWhole(text, 1, Number.MAX_SAFE_INTEGER, "a whole number of at least 1")
}

/** Gathers the values of an option that may be repeated. */
export function collect(value: string, earlier: readonly string[] | undefined): readonly string[] {
  return [...(earlier ?? []), value]
}

/** Reads a PDQ radius, 0 to 63 bits. */
export function parseRadius(text: string): number {
  return parseWhole(text, 0, 63, "a whole number of bits from 0 to 63")
}

/** Reads how many processes take calls, 1 to 64. */
export function parseWorkers(text: string): number {
  return parseWhole(text, 1, 64, "a whole number from 1 to 64")
}

/** Reads how many ranks share a plan, 1 to 100,000. */
export function parseWorld(text: string): number {
  return parseWhole(text, 1, 100_000, "a whole number from 1 to 100000")
}

/** Reads the rank of a task, from 0; `auto` is the scheduler's index. */
export function parseRank(text: string): number | "auto" {
  return text === "auto" ? text : parseWhole(text, 0, 99_999, "a whole number from 0, or auto")
}

/** Reads a price, such as 0.04. */
export function parsePrice(text: string): number {
  const price = Number(text)
  if (/^\d{1,9}(?:\.\d{1,9})?$/.test(text)) return price
  throw new InvalidArgumentError("expected a price such as 0.04")
}

/** Reads a date, `YYYY-MM-DD` or a full ISO 8601 time. */
export function parseDate(text: string): string {
  if (!/^\d{4}-\d{2}-\d{2}(T[\d:.]+Z)?$/.test(text) || Number.isNaN(Date.parse(text))) {
    throw new InvalidArgumentError("expected a date such as 2026-11-01")
  }
  return text
}

/** Reads a port; 0 lets the system choose. */
export function parsePort(text: string): number {
  return parseWhole(text, 0, 65_535, "a port from 0 to 65535")
}

/** Reads an address to listen on: `127.0.0.1:8090`, `[::1]:8090`; port 0 lets the system choose. */
export function parseListen(text: string): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, port = ""] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)):(\d+)$/.exec(text) ?? []
  const host = bracketed ?? plain
  if (host === undefined) throw new InvalidArgumentError("expected HOST:PORT, such as 127.0.0.1:8090")
  return { host, port: parsePort(port) }
}

function parseWhole(text: string, least: number, most: number, expected: string): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= least && value <= most) return value
  throw new InvalidArgumentError(`expected ${expected}`)
}
