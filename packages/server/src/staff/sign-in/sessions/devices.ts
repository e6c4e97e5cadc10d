import { randomBytes } from "node:crypto"
import type { SecretSealer } from "../../../platform/secrets/secret-sealer.ts"

/** Marks of browsers in which a person signed in before; they open nothing. */
export interface Devices {
  /** Makes a mark for the browser's cookie. */
  make(personId: string): string
  /** The number of a browser in which this very person signed in before; `undefined` for any other. */
  read(personId: string, device: string): string | undefined
}

const DEVICE_BYTES = 16

/** Creates the service. A mark is a sealed random value for one person, which no server stores. */
export function createDevices(sealer: SecretSealer): Devices {
  return {
    make: (personId) => sealer.seal("device", personId, randomBytes(DEVICE_BYTES)).toString("base64url"),
    read: (personId, device) => {
      try {
        return sealer.open("device", personId, Buffer.from(device, "base64url")).toString("hex")
      } catch {
        return undefined
      }
    },
  }
}
