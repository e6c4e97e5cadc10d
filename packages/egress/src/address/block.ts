import { RequestError } from "@nightlight/core"
import { parseAddress } from "./bytes.ts"

/** A range of addresses of one family that share their first bits. */
export interface Block {
  /** 4 or 16 bytes. */
  readonly base: Uint8Array
  /** Length of the common prefix in bits, 0 to all of them. */
  readonly bits: number
}

/**
 * Parses `address/bits`.
 *
 * @throws {RequestError} `input_invalid` for any other text.
 */
export function parseBlock(text: string): Block {
  const [address = "", length = "", ...rest] = text.split("/")
  const base = parseAddress(address)
  const bits = Number(length)
  if (base === undefined || rest.length > 0 || !/^\d{1,3}$/.test(length) || bits > base.length * 8) {
    throw new RequestError("input_invalid", "expected a range of addresses as address/bits")
  }
  return { base, bits }
}

/** Whether an address lies in a range; an address of another family never does. */
export function isWithin(address: Uint8Array, { base, bits }: Block): boolean {
  if (address.length !== base.length) return false
  const whole = bits >> 3
  for (let index = 0; index < whole; index++) if (address[index] !== base[index]) return false
  const rest = bits & 7
  return rest === 0 || ((address[whole] ?? 0) ^ (base[whole] ?? 0)) >> (8 - rest) === 0
}
