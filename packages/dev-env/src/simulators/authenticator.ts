import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto"

/** Deviations of a ceremony from an honest one. */
export interface CeremonyChange {
  readonly client?: Readonly<Record<string, unknown>>
  readonly rpId?: string
  /** Bits: 1 present, 4 verified, 8 may be copied, 16 is copied, 64 credential, 128 extensions. */
  readonly flags?: number
  readonly counter?: number
  /** Bytes after the fixed part of the authenticator data. */
  readonly tail?: Buffer
}

/** A software authenticator with one passkey and no user prompt. */
export class SoftAuthenticator {
  readonly id: Buffer = randomBytes(32)
  counter = 0
  readonly #keys = generateKeyPairSync("ec", { namedCurve: "P-256" })
  readonly #party: { readonly rpId: string; readonly origin: string }

  constructor(party = { rpId: "localhost", origin: "http://localhost:8080" }) {
    this.#party = party
  }

  get credentialId(): string {
    return this.id.toString("base64url")
  }

  /** Uncompressed point, base64url. */
  get publicKey(): string {
    return Buffer.concat([Buffer.from([4]), ...this.#coordinates()]).toString("base64url")
  }

  get privateKey(): KeyObject {
    return this.#keys.privateKey
  }

  /** Answers as a browser's `navigator.credentials.get`. */
  get(challenge: Uint8Array, change: CeremonyChange = {}) {
    const counter = change.counter ?? ++this.counter
    const clientData = this.#clientData("webauthn.get", challenge, change)
    const authenticatorData = this.#authenticatorData({ flags: 0x05, ...change, counter })
    const signed = Buffer.concat([authenticatorData, createHash("sha256").update(clientData).digest()])
    return { authenticatorData, clientData, signature: sign("sha256", signed, this.privateKey) }
  }

  /** Answers as a browser's `navigator.credentials.create`. */
  create(challenge: Uint8Array, change: CeremonyChange = {}) {
    const [x, y] = this.#coordinates()
    const cose = Buffer.concat([Buffer.from("a5010203262001215820", "hex"), x, Buffer.from("225820", "hex"), y])
    const length = Buffer.from([this.id.length >> 8, this.id.length & 255])
    const tail = Buffer.concat([Buffer.alloc(16), length, this.id, cose])
    return {
      clientData: this.#clientData("webauthn.create", challenge, change),
      authenticatorData: this.#authenticatorData({ flags: 0x45, tail, counter: 0, ...change }),
    }
  }

  /** Signs as contract's `PasskeySigner` does. */
  signer(change: CeremonyChange = {}) {
    return {
      assert: async (challenge: Uint8Array) => {
        const { authenticatorData, clientData, signature } = this.get(challenge, change)
        return {
          credentialId: this.credentialId,
          authenticatorData: authenticatorData.toString("base64url"),
          clientData: clientData.toString("base64url"),
          signature: signature.toString("base64url"),
        }
      },
    }
  }

  #coordinates(): [Buffer, Buffer] {
    const { x = "", y = "" } = this.#keys.publicKey.export({ format: "jwk" })
    return [Buffer.from(x, "base64url"), Buffer.from(y, "base64url")]
  }

  #clientData(type: string, challenge: Uint8Array, { client = {} }: CeremonyChange): Buffer {
    const { origin } = this.#party
    const said = { type, challenge: Buffer.from(challenge).toString("base64url"), origin, crossOrigin: false }
    return Buffer.from(JSON.stringify({ ...said, ...client }))
  }

  #authenticatorData(change: CeremonyChange & { readonly flags: number; readonly counter: number }): Buffer {
    const { rpId = this.#party.rpId, flags, counter, tail = Buffer.alloc(0) } = change
    const count = Buffer.alloc(4)
    count.writeUInt32BE(counter)
    return Buffer.concat([createHash("sha256").update(rpId).digest(), Buffer.from([flags]), count, tail])
  }
}
