/**
 * Checks Signature Version 4 of AWS, independently of the client.
 *
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 * @module
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto"
import type { IncomingMessage } from "node:http"

/** A key that signs calls. */
export interface AccessKey {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

const FORM =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/

const MAX_SKEW_MS = 15 * 60_000

/** Names what is wrong with a call's signature, as S3's error codes do; undefined if nothing is. */
export function signatureFault(request: IncomingMessage, body: Buffer, key: AccessKey): string | undefined {
  const { method = "", url = "/", headers } = request
  const [, id, day = "", region = "", names = "", signature = ""] = FORM.exec(headers.authorization ?? "") ?? []
  if (id === undefined) return "AccessDenied"
  if (id !== key.accessKeyId) return "InvalidAccessKeyId"
  const time = String(headers["x-amz-date"])
  if (!time.startsWith(day)) return "SignatureDoesNotMatch"
  const [year, month, date, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(time)?.slice(1).map(Number) ?? []
  const sentMs = Date.UTC(year ?? 0, (month ?? 1) - 1, date, hour, minute, second)
  if (Math.abs(Date.now() - sentMs) > MAX_SKEW_MS) return "RequestTimeTooSkewed"
  const signed = names.split(";")
  const mustSign = Object.keys(headers).filter((name) => name === "host" || name.startsWith("x-amz-"))
  if (!mustSign.every((name) => signed.includes(name))) return "SignatureDoesNotMatch"
  const payload = String(headers["x-amz-content-sha256"])
  if (payload !== "UNSIGNED-PAYLOAD" && payload !== sha256Hex(body)) return "XAmzContentSHA256Mismatch"
  const [path = "", query = ""] = url.split("?")
  const queryText = query === "" ? "" : query.split("&").map(withValue).toSorted().join("&")
  const lines = signed.map((name) => `${name}:${String(headers[name]).trim().replaceAll(/ +/g, " ")}\n`)
  const canonical = [method, path, queryText, lines.join(""), names, payload].join("\n")
  const text = ["AWS4-HMAC-SHA256", time, `${day}/${region}/s3/aws4_request`, sha256Hex(canonical)].join("\n")
  const expected = createHmac("sha256", signingKey(key, day, region))
    .update(text)
    .digest()
  return timingSafeEqual(expected, Buffer.from(signature, "hex")) ? undefined : "SignatureDoesNotMatch"
}

function withValue(part: string): string {
  return part.includes("=") ? part : `${part}=`
}

function signingKey({ secretAccessKey }: AccessKey, day: string, region: string): Buffer {
  let key: Buffer = Buffer.from(`AWS4${secretAccessKey}`)
  for (const part of [day, region, "s3", "aws4_request"]) key = createHmac("sha256", key).update(part).digest()
  return key
}

function sha256Hex(bytes: Buffer | string): string {
  return createHash("sha256").update(bytes).digest("hex")
}
