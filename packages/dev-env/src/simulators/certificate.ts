import { generateKeyPairSync, type KeyObject, sign } from "node:crypto"

/** A key and a self-signed certificate, PEM. */
export interface TestCertificate {
  readonly key: string
  readonly cert: string
}

/** Makes a certificate for these DNS names alone, valid for a day. */
export function makeCertificate(...names: readonly string[]): TestCertificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
  const der = certificate(names, privateKey, publicKey)
  const base64 = der.toString("base64").replace(/(.{64})(?=.)/g, "$1\n")
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
  }
}

/** DER of an X.509 certificate (RFC 5280). */
function certificate(names: readonly string[], privateKey: KeyObject, publicKey: KeyObject): Buffer {
  const algorithm = sequence(oid("2a8648ce3d040302")) // ecdsa-with-SHA256
  const name = sequence(tagged(0x31, sequence(oid("550403"), tagged(0x0c, Buffer.from("egress test")))))
  const dnsNames = sequence(...names.map((dnsName) => tagged(0x82, Buffer.from(dnsName))))
  const extensions = sequence(
    sequence(oid("551d11"), tagged(0x04, dnsNames)),
    sequence(oid("551d13"), tagged(0x04, sequence(tagged(0x01, Buffer.from([0xff]))))), // is an authority
  )
  const signed = sequence(
    tagged(0xa0, tagged(0x02, Buffer.from([2]))),
    tagged(0x02, Buffer.from([1])),
    algorithm,
    name,
    sequence(time(-1), time(1)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    tagged(0xa3, extensions),
  )
  const signature = sign("sha256", signed, privateKey)
  return sequence(signed, algorithm, tagged(0x03, Buffer.concat([Buffer.from([0]), signature])))
}

function time(days: number): Buffer {
  const text = new Date(Date.now() + days * 86_400_000).toISOString().replace(/\.\d+|[-:T]/g, "")
  return tagged(0x18, Buffer.from(text))
}

const oid = (hex: string) => tagged(0x06, Buffer.from(hex, "hex"))
const sequence = (...parts: readonly Buffer[]) => tagged(0x30, Buffer.concat(parts))

function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content
  const long = length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...(length < 128 ? [length] : long)]), content])
}
